// SPDX-License-Identifier: GPL-2.0-only
// How fast the transport streams go that the clocks' suite sends.
#pragma once

#include <cstdint>

namespace zc::bench {

// From each PCR to the next another rate between these.
struct TsRate {
  uint64_t slowest_bps, fastest_bps;
  uint64_t pcr_ms;  // from each PCR to the next
};
// What ffmpeg writes with -muxrate 5M, and the unevenness of what it writes without.
constexpr TsRate kSteadyRate{5'000'000, 5'000'000, 20};
constexpr TsRate kUnevenRate{1'200'000, 3'200'000, 80};

// About, in ticks of 90 kHz.
double ticks_per_byte(const TsRate& rate);

}  // namespace zc::bench
