// SPDX-License-Identifier: GPL-2.0-only
// The headers of TS packets of one PID, with a PCR now and then (ISO/IEC 13818-1 2.4.3): what makes
// a transport stream of any bytes, for a clock that follows it.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>

#include "env/ts_rate.h"
#include "ts_packets.h"

namespace zc::bench {

class ClockedTs {
 public:
  explicit ClockedTs(const TsRate& rate) : rate_(rate) {}

  // Writes the header of the next packet over its first bytes.
  void stamp(std::span<uint8_t, kTsPacketBytes> packet);

 private:
  // The next packet's PCR, of 27 MHz, or nothing. Of a constant rate they are exact, to the last
  // unit.
  std::optional<uint64_t> next_pcr();

  TsRate rate_;
  uint64_t packet_ = 0, due_ = 0, gaps_ = 0;
  std::minstd_rand random_;  // the same rates in every run
};

}  // namespace zc::bench
