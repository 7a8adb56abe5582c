// SPDX-License-Identifier: GPL-2.0-only
#include "core/rtcp/ntp.h"

namespace zc::core::rtcp {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kFrom1900To1970 = 2'208'988'800;  // seconds: RFC 868
constexpr int32_t kTicksPerSecond = 65536;
constexpr int32_t kMostSeconds = 60;

}  // namespace

uint64_t to_ntp(uint64_t real_ns) {
  const uint64_t seconds = real_ns / kNsPerSecond + kFrom1900To1970;
  const uint64_t fraction = ((real_ns % kNsPerSecond) << 32) / kNsPerSecond;
  return seconds << 32 | fraction;
}

std::optional<uint32_t> round_trip_us(uint32_t middle, uint32_t lsr, uint32_t dlsr) {
  if (lsr == 0) return std::nullopt;
  const auto ticks = static_cast<int32_t>(middle - lsr - dlsr);
  if (ticks < -kTicksPerSecond / 100 || ticks > kMostSeconds * kTicksPerSecond) return std::nullopt;
  if (ticks < 0) return 0;
  return static_cast<uint32_t>(uint64_t{static_cast<uint32_t>(ticks)} * 1'000'000 /
                               kTicksPerSecond);
}

}  // namespace zc::core::rtcp
