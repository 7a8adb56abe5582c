// SPDX-License-Identifier: GPL-2.0-only
#include "pins.h"

#include <bpf/bpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <filesystem>

namespace zc::kern {
namespace {

namespace fs = std::filesystem;

Status make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return ok();
  return system_error(errno, "cannot make " + path);
}

}  // namespace

PinDirectory::PinDirectory(const std::string& bpffs, PinKey key)
    : parent_(bpffs + "/zcctl"),
      path_(parent_ + "/" + std::to_string(key.netns_cookie) + "_" + std::to_string(key.ifindex)) {}

bool PinDirectory::exists() const {
  return access(path_.c_str(), F_OK) == 0;
}
bool PinDirectory::has(const std::string& name) const {
  return access(pin(name).c_str(), F_OK) == 0;
}

Status PinDirectory::make() {
  ZC_TRY(make_directory(parent_));
  Status made = make_directory(path_);
  if (!made) rmdir(parent_.c_str());
  return made;
}

Status PinDirectory::pin_fd(int fd, const std::string& name) const {
  if (bpf_obj_pin(fd, pin(name).c_str()) == 0) return ok();
  return system_error(errno, "cannot pin " + pin(name));
}

Status PinDirectory::unpin(const std::string& name) const {
  if (unlink(pin(name).c_str()) == 0 || errno == ENOENT) return ok();
  return system_error(errno, "cannot unpin " + pin(name));
}

Status PinDirectory::remove() const {
  std::error_code failure;
  fs::remove_all(path_, failure);
  if (failure) return system_error(failure.value(), "cannot remove " + path_);
  rmdir(parent_.c_str());  // fails while other devices have pins: as it should
  return ok();
}

void remove_empty_root(const std::string& bpffs) {
  rmdir((bpffs + "/zcctl").c_str());
}

Result<std::vector<PinKey>> list_pins(const std::string& bpffs) {
  std::vector<PinKey> keys;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(bpffs + "/zcctl", failure)) {
    PinKey key;
    int end = 0;
    const std::string name = entry.path().filename();
    const int fields = std::sscanf(name.c_str(), "%" SCNu64 "_%" SCNu32 "%n", &key.netns_cookie,
                                   &key.ifindex, &end);
    if (fields == 2 && static_cast<size_t>(end) == name.size()) keys.push_back(key);
  }
  if (failure && failure.value() != ENOENT)
    return system_error(failure.value(), "cannot list " + bpffs + "/zcctl");
  return keys;
}

}  // namespace zc::kern
