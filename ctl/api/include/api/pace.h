// SPDX-License-Identifier: GPL-2.0-only
// The pace device: what a device's paced rules wait in (docs/pacing.md). Values only: who asks the
// kernel for them is ctl/kern.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "zc/abi.h"

namespace zc::api {

const char* to_string(zc_pace_kind kind);  // "fq", "htb", "none"
Error no_pace_kind_error();                // kUnsupported: this kernel has none

// What waits, and what was lost: packets, and bytes of payload (HTB) or of frames (fq).
struct PaceBacklog {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t dropped = 0;  // packets, since it was made: the queue was full
};

// A rule's queue. fq has none: it knows streams, and what waits of all of them.
struct PaceClass {
  uint32_t rule = 0;  // its id
  uint64_t rate_bps = 0;
  PaceBacklog backlog{};
};

struct PaceQueue {
  uint32_t ifindex = 0;
  zc_pace_kind kind = ZC_PACE_KIND_NONE;  // NONE: the qdisc is not zcctl's
  bool works = false;     // it is up, on its device, and its qdisc is as zcctl made it
  PaceBacklog backlog{};  // of all rules
  uint64_t unpaced = 0;   // packets that it let through at once, for they had no class
  std::vector<PaceClass> classes{};
};

}  // namespace zc::api
