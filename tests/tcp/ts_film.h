// SPDX-License-Identifier: GPL-2.0-only
// A transport stream of constant rate, written after ISO/IEC 13818-1 2.4.3: 188 bytes each half
// millisecond, a PCR in each 40th packet.
#pragma once

#include <cstdint>
#include <vector>

namespace zc::test {

constexpr uint32_t kTsBytes = 188;
constexpr uint64_t kPcrTicksOfPacket = 13500;  // of 27 MHz

// `jump`: each so many packets the PCRs go on by 1000 s more; 0: never.
std::vector<uint8_t> transport_stream(unsigned packets, unsigned jump = 0);

}  // namespace zc::test
