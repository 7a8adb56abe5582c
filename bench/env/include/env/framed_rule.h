// SPDX-License-Identifier: GPL-2.0-only
// The rule that zcctl's methods over TCP need: this process in a cgroup of its own, whose
// connections to the far end are framed. As `zcctl attach cgroup:PATH --to 10.99.0.2:5004
// --framing rfc4571 --segment BYTES --pt 96 --clock 90000` makes it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

namespace zc::api {
class Host;
}

namespace zc::bench {

class OwnCgroup;

class FramedRule {
 public:
  // For sockets that are made from here on.
  static Result<std::unique_ptr<FramedRule>> attach(size_t payload_bytes);
  FramedRule(const FramedRule&) = delete;
  FramedRule& operator=(const FramedRule&) = delete;
  ~FramedRule();

  // What did not leave in frames, as `zcctl show` counts it: " broken 1"; empty: nothing.
  std::string drops() const;

 private:
  FramedRule(std::unique_ptr<OwnCgroup> cgroup, std::unique_ptr<api::Host> host);
  std::string target() const;  // "cgroup:PATH"

  std::unique_ptr<OwnCgroup> cgroup_;
  std::unique_ptr<api::Host> host_;
};

}  // namespace zc::bench
