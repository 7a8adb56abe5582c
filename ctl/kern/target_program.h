// SPDX-License-Identifier: GPL-2.0-only
// The programs of a target, loaded: zc_connect for its cgroup, zc_message for its sockets.
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"
#include "pins.h"
#include "skeleton.h"

#include "zc_framer.skel.h"

namespace zc::kern {

class TargetProgram {
 public:
  // With maps of its own; zc_message is in its place: it sees what is written into every socket
  // that comes into zc_sockhash. The error's detail holds the verifier's last lines.
  static Result<TargetProgram> load(uint32_t max_streams);

  // All maps, and the programs last.
  Status pin_maps(const PinDirectory& pins) const;
  Status pin_programs(const PinDirectory& pins) const;

 private:
  explicit TargetProgram(Skeleton<zc_framer> skeleton) : skeleton_(std::move(skeleton)) {}
  Skeleton<zc_framer> skeleton_;
};

}  // namespace zc::kern
