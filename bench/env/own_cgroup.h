// SPDX-License-Identifier: GPL-2.0-only
// A cgroup (version 2) with this process in it and nobody else: what a rule for TCP connections is
// attached to, so that no other program's are seen.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace zc::bench {

class OwnCgroup {
 public:
  // Within a mount namespace of the benchmark's own. Sockets that are made from here on are in it.
  // Removes what runs that were killed have left. kUnsupported without version 2.
  static Result<std::unique_ptr<OwnCgroup>> enter();
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;
  ~OwnCgroup();  // back to where it came from

  const std::string& path() const { return path_; }

 private:
  OwnCgroup(std::string path, std::string before)
      : path_(std::move(path)), before_(std::move(before)) {}

  std::string path_, before_;
};

}  // namespace zc::bench
