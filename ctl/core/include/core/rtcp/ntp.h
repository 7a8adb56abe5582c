// SPDX-License-Identifier: GPL-2.0-only
// Wall-clock time as NTP writes it (RFC 3550 4, RFC 5905 6). Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace zc::core::rtcp {

// 32.32: seconds since 1900 modulo 2^32, which begin again on 2036-02-07 06:28:16 UTC. Receivers
// take differences, and do not care (RFC 3550 4).
uint64_t to_ntp(uint64_t real_ns);
// The middle 32 bits, 16.16: what LSR has.
constexpr uint32_t ntp_middle(uint64_t ntp) {
  return static_cast<uint32_t>(ntp >> 16);
}

// Round trip to a receiver who got the SR of `lsr`, kept it for `dlsr` and answered: in
// microseconds (RFC 3550 6.4.1). `middle`: ntp_middle of when the answer came. Nothing where no SR
// had come yet, or where the numbers cannot be: clocks are no finer than their ticks, so a little
// less than nothing is nothing.
std::optional<uint32_t> round_trip_us(uint32_t middle, uint32_t lsr, uint32_t dlsr);

}  // namespace zc::core::rtcp
