// SPDX-License-Identifier: GPL-2.0-only
// What the soak watches beside frames: memory, and the kernel's log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"

namespace zc::test {

struct Memory {
  uint64_t maps_kib = 0;    // what the kernel counts for the pinned maps of zcctl
  uint64_t maps = 0;        // how many there are
  uint64_t programs = 0;    // loaded in the whole kernel: pinned ones and forgotten ones
  uint64_t kernel_kib = 0;  // SUnreclaim, Percpu and VmallocUsed, of the whole host
  uint64_t own_kib = 0;     // resident, of this process
  uint64_t zcctl_kib = 0;   // the most that a zcctl had resident by now
};
// Throws std::system_error where something cannot be read.
Memory measure_memory();
std::string describe(const Memory& memory);
// What has grown between the two and should not have; empty: nothing. The host's other programs are
// in the kernel's figure, and the allocator keeps some: `slack_kib` is allowed.
std::string growth(const Memory& before, const Memory& after, uint64_t slack_kib);

// The kernel's log from where this was made.
class KernelLog {
 public:
  KernelLog();
  // The lines since then that nobody wants to see.
  std::vector<std::string> complaints();

 private:
  Fd kmsg_;
};

}  // namespace zc::test
