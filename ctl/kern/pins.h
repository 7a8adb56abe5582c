// SPDX-License-Identifier: GPL-2.0-only
// The layout of the pins, root's alone (the bpffs refuses names with dots):
//
// SCOPE is a device's (Scope) or a target's (TargetScope); both look alike inside.
//
//   BPFFS/zcctl/SCOPE/zc_NAME        a map, whichever programs use it
//   BPFFS/zcctl/SCOPE/prog/PROGRAM   a program
//   BPFFS/zcctl/SCOPE/link/PROGRAM   its attachment, where that is a link: the pin makes it last
//   BPFFS/zcctl/SCOPE/attached       a folder: the program hung on the device, and nobody has begun
//                                    to remove these pins (absent in those of zcctl 0.2)
//
// Layout 2 had `prog` and `link` in the place of the two directories.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "zc/abi.h"

namespace zc::kern {

constexpr const char* kEgress = "egress";    // the program of a device
constexpr const char* kConnect = "connect";  // those of a target: at a cgroup, and at sockets
constexpr const char* kMessage = "message";
constexpr const char* kPinMeta = "zc_meta";
constexpr const char* kMarkAttached = "attached";
constexpr const char* kPinContinued = "zc_continued";
constexpr const char* kPinRules = "zc_rules";
constexpr const char* kPinSockets = "zc_sockets";
constexpr const char* kPinReceivers = "zc_receivers";
constexpr const char* kPinScratch = "zc_scratch";
constexpr const char* kPinTarget = "zc_target";

// Whose pins they are: a device of a network namespace.
struct Scope {
  uint64_t netns_cookie = 0;
  uint32_t ifindex = 0;

  std::string name() const;  // "COOKIE_IFINDEX"
  static std::optional<Scope> parse(const std::string& name);
};

// A target's: a cgroup, or sockets of a network namespace.
struct TargetScope {
  zc_target_kind kind = ZC_TARGET_CGROUP;
  uint64_t id = 0;

  std::string name() const;  // "cgroup_ID", "sockets_COOKIE"
  static std::optional<TargetScope> parse(const std::string& name);
};

class PinDirectory {
 public:
  PinDirectory(const std::string& bpffs, const Scope& scope);
  PinDirectory(const std::string& bpffs, const TargetScope& scope);
  // The directory where a new set is made before it takes the place of the old one.
  static PinDirectory beside(const std::string& bpffs, const Scope& scope);

  // Names of pins, relative to the directory.
  static std::string program(const std::string& name) { return "prog/" + name; }
  static std::string link(const std::string& name) { return "link/" + name; }

  const std::string& path() const { return path_; }
  std::string pin(const std::string& name) const { return path_ + "/" + name; }
  bool exists() const;
  bool has(const std::string& name) const;
  Status make() const;
  Status pin_fd(int fd, const std::string& name) const;
  // A mark is an empty folder. Both may be repeated.
  Status mark(const std::string& name) const;
  Status unmark(const std::string& name) const;
  // Removes the directory with all pins, if it is there, and the parent where it is empty then.
  Status remove() const;
  // Each takes the other's name, in one step (renameat2, RENAME_EXCHANGE; on a bpffs Linux 5.16).
  // kUnsupported where the kernel cannot.
  Status exchange(const PinDirectory& other) const;
  // The same with its own two folders, which are empty yet: whether it can be done at all.
  Status try_exchange() const;

 private:
  PinDirectory(const std::string& bpffs, const std::string& name);
  std::string parent_;
  std::string path_;
};

// Removes what kills have left: new sets of pins beside a scope that has none any more, and the
// directory of all pins where it is empty. Needs the lock for changes.
void remove_remains(const std::string& bpffs);

// The scopes that have pins. Names that zcctl does not write are passed over.
Result<std::vector<Scope>> list_pins(const std::string& bpffs);
Result<std::vector<TargetScope>> list_target_pins(const std::string& bpffs);

}  // namespace zc::kern
