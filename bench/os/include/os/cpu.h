// SPDX-License-Identifier: GPL-2.0-only
// CPU time between two moments, by three clocks. Knows not what was done with it.
#pragma once

#include <cstdint>

namespace zc::bench {

// Nanoseconds.
struct CpuTime {
  int64_t wall = 0;
  // All CPUs of the machine: wall − idle − iowait − steal of /proc/stat, which counts in ticks of
  // 10 ms. Other programs are in it.
  int64_t machine = 0;
  int64_t process = 0;  // all threads, interrupts that came meanwhile included
  int64_t thread = 0;   // the calling one
};

class CpuMeter {
 public:
  CpuMeter();               // starts
  CpuTime elapsed() const;  // since then; by the same thread

 private:
  CpuTime start_;
};

// What the machine does beside us: its busy time while this thread sleeps for `milliseconds`, as a
// share of one CPU's time.
double idle_load(int milliseconds);

}  // namespace zc::bench
