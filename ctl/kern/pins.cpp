// SPDX-License-Identifier: GPL-2.0-only
#include "pins.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "base/number.h"

namespace zc::kern {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBeside = "_new";

Status make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return ok();
  return system_error(errno, "cannot make " + path);
}

Status exchange_paths(const std::string& one, const std::string& other) {
  if (renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return ok();
  Error error = system_error(errno, "cannot put " + one + " in the place of " + other);
  if (error.system_errno == EINVAL) error.kind = ErrorKind::kUnsupported;
  return error;
}

}  // namespace

std::string Scope::name() const {
  return std::to_string(netns_cookie) + "_" + std::to_string(ifindex);
}

std::optional<Scope> Scope::parse(const std::string& name) {
  Scope scope;
  int end = 0;
  const int fields = std::sscanf(name.c_str(), "%" SCNu64 "_%" SCNu32 "%n", &scope.netns_cookie,
                                 &scope.ifindex, &end);
  if (fields != 2 || static_cast<size_t>(end) != name.size()) return std::nullopt;
  return scope;
}

namespace {

const char* prefix_of(zc_target_kind kind) {
  return kind == ZC_TARGET_CGROUP ? "cgroup_" : "sockets_";
}

}  // namespace

std::string TargetScope::name() const {
  return prefix_of(kind) + std::to_string(id);
}

std::optional<TargetScope> TargetScope::parse(const std::string& name) {
  for (const zc_target_kind kind : {ZC_TARGET_CGROUP, ZC_TARGET_SOCKETS}) {
    if (!name.starts_with(prefix_of(kind))) continue;
    const std::string digits = name.substr(std::string_view(prefix_of(kind)).size());
    const auto id = parse_number(digits, 0, UINT64_MAX, "");
    if (id && std::to_string(*id) == digits) return TargetScope{kind, *id};
  }
  return std::nullopt;
}

PinDirectory::PinDirectory(const std::string& bpffs, const std::string& name)
    : parent_(bpffs + "/zcctl"), path_(parent_ + "/" + name) {}

PinDirectory::PinDirectory(const std::string& bpffs, const Scope& scope)
    : PinDirectory(bpffs, scope.name()) {}

PinDirectory::PinDirectory(const std::string& bpffs, const TargetScope& scope)
    : PinDirectory(bpffs, scope.name()) {}

PinDirectory PinDirectory::beside(const std::string& bpffs, const Scope& scope) {
  return {bpffs, scope.name() + std::string(kBeside)};
}

bool PinDirectory::exists() const {
  return access(path_.c_str(), F_OK) == 0;
}
bool PinDirectory::has(const std::string& name) const {
  return access(pin(name).c_str(), F_OK) == 0;
}

Status PinDirectory::make() const {
  ZC_TRY(make_directory(parent_));
  Status made = make_directory(path_);
  for (const char* folder : {"prog", "link"}) {
    if (made) made = make_directory(pin(folder));
  }
  if (made) return ok();
  (void)remove();
  rmdir(parent_.c_str());  // where not even this directory could be made
  return made;
}

Status PinDirectory::pin_fd(int fd, const std::string& name) const {
  if (bpf_obj_pin(fd, pin(name).c_str()) == 0) return ok();
  return system_error(errno, "cannot pin " + pin(name));
}

Status PinDirectory::mark(const std::string& name) const {
  return make_directory(pin(name));
}

Status PinDirectory::unmark(const std::string& name) const {
  if (rmdir(pin(name).c_str()) == 0 || errno == ENOENT) return ok();
  return system_error(errno, "cannot remove " + pin(name));
}

Status PinDirectory::remove() const {
  if (!exists()) return ok();
  std::error_code failure;
  fs::remove_all(path_, failure);
  if (failure) return system_error(failure.value(), "cannot remove " + path_);
  rmdir(parent_.c_str());  // fails while other devices have pins: as it should
  return ok();
}

Status PinDirectory::exchange(const PinDirectory& other) const {
  return exchange_paths(path_, other.path_);
}

Status PinDirectory::try_exchange() const {
  return exchange_paths(pin("prog"), pin("link"));
}

void remove_remains(const std::string& bpffs) {
  std::error_code failure;
  std::vector<std::string> names;
  fs::directory_iterator entry(bpffs + "/zcctl", failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure))
    names.push_back(entry->path().filename());
  if (failure) return;  // nothing is there, or the next to look will say why
  for (const std::string& name : names) {
    if (!name.ends_with(kBeside)) continue;
    const auto scope = Scope::parse(name.substr(0, name.size() - kBeside.size()));
    if (scope && !PinDirectory(bpffs, *scope).exists())
      (void)PinDirectory::beside(bpffs, *scope).remove();
  }
  if (names.empty()) rmdir((bpffs + "/zcctl").c_str());
}

namespace {

template <typename AnyScope>
Result<std::vector<AnyScope>> list_scopes(const std::string& bpffs) {
  std::vector<AnyScope> scopes;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(bpffs + "/zcctl", failure)) {
    if (const auto scope = AnyScope::parse(entry.path().filename())) scopes.push_back(*scope);
  }
  if (failure && failure.value() != ENOENT)
    return system_error(failure.value(), "cannot list " + bpffs + "/zcctl");
  return scopes;
}

}  // namespace

Result<std::vector<Scope>> list_pins(const std::string& bpffs) {
  return list_scopes<Scope>(bpffs);
}

Result<std::vector<TargetScope>> list_target_pins(const std::string& bpffs) {
  return list_scopes<TargetScope>(bpffs);
}

}  // namespace zc::kern
