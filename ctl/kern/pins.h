// SPDX-License-Identifier: GPL-2.0-only
// The layout of the pins: BPFFS/zcctl/COOKIE_IFINDEX/NAME, root's alone (the bpffs
// refuses names with dots).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace zc::kern {

constexpr const char* kPinProgram = "prog";
constexpr const char* kPinLink = "link";  // tcx only: its pin is what makes an attachment last
constexpr const char* kPinMeta = "zc_meta";
constexpr const char* kPinSockets = "zc_sockets";

struct PinKey {
  uint64_t netns_cookie = 0;
  uint32_t ifindex = 0;
};

class PinDirectory {
 public:
  PinDirectory(const std::string& bpffs, PinKey key);

  const std::string& path() const { return path_; }
  std::string pin(const std::string& name) const { return path_ + "/" + name; }
  bool exists() const;
  bool has(const std::string& name) const;
  Status make();
  Status pin_fd(int fd, const std::string& name) const;
  // Removes one pin; fine where it is not there.
  Status unpin(const std::string& name) const;
  // Removes the directory with all pins, and the parent where it is empty then.
  Status remove() const;

 private:
  std::string parent_;
  std::string path_;
};

// A kill may have left the directory of all pins without any.
void remove_empty_root(const std::string& bpffs);

// The directories that are there. Names that zcctl does not write are passed over.
Result<std::vector<PinKey>> list_pins(const std::string& bpffs);

}  // namespace zc::kern
