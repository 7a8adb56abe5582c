// SPDX-License-Identifier: GPL-2.0-only
#include "core/rtcp/mapping.h"

#include <algorithm>

namespace zc::core::rtcp {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kLeastSpanNs = 500'000'000;  // to judge a speed by

// a·b/c without overflow for what clocks and seconds make.
int64_t scaled(int64_t a, int64_t b, int64_t c) {
  return static_cast<int64_t>(static_cast<__int128>(a) * b / c);
}

}  // namespace

void Mapping::restart(const Sample& sample) {
  samples_[0] = sample;
  newest_ = 0;
  count_ = 1;
}

void Mapping::take(const Sample& sample) {
  if (empty()) return restart(sample);
  if (sample == newest()) return;
  if (!runs_on_ && sample.ns - newest().ns > kMostSilenceNs) return restart(sample);  // it stood
  newest_ = static_cast<uint8_t>((newest_ + 1) % kSamples);
  samples_[newest_] = sample;
  count_ = static_cast<uint8_t>(std::min<size_t>(count_ + 1U, kSamples));
}

int64_t Mapping::ns_of(int64_t ticks) const {
  return scaled(ticks, kNsPerSecond, clock_hz_);
}

// How much later than the newest one's the sample's packet left, by the stream's own clock.
int64_t Mapping::offset_ns(const Sample& sample) const {
  const auto ns = static_cast<int64_t>(sample.ns - newest().ns);
  return ns - ns_of(static_cast<int32_t>(sample.rtp - newest().rtp));
}

int64_t Mapping::median_offset_ns() const {
  std::array<int64_t, kSamples> offsets{};
  for (size_t i = 0; i < count_; i++)
    offsets[i] = offset_ns(samples_[i]);
  const auto middle = offsets.begin() + count_ / 2;
  std::nth_element(offsets.begin(), middle, offsets.begin() + count_);
  return *middle;
}

uint32_t Mapping::rtp_at(uint64_t ns) const {
  uint64_t until = ns;
  if (!runs_on_) until = std::min(ns, newest().ns + kMostSilenceNs);
  const int64_t passed = static_cast<int64_t>(until - newest().ns) - median_offset_ns();
  return newest().rtp + static_cast<uint32_t>(scaled(passed, clock_hz_, kNsPerSecond));
}

bool Mapping::unpaced() const {
  if (count_ < 2 || runs_on_) return false;
  const Sample& oldest = samples_[count_ < kSamples ? 0 : (newest_ + 1U) % kSamples];
  const auto span = static_cast<int64_t>(newest().ns - oldest.ns);
  const int64_t media = ns_of(static_cast<int32_t>(newest().rtp - oldest.rtp));
  return span >= kLeastSpanNs && media > span + span / 4;
}

}  // namespace zc::core::rtcp
