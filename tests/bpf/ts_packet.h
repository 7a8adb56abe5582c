// SPDX-License-Identifier: GPL-2.0-only
// TS packets by hand, from ISO/IEC 13818-1 2.4.3. Knows no stream and no rate.
#pragma once

#include "bytes.h"

namespace zc::test {

constexpr size_t kTsBytes = 188;
constexpr uint64_t kPcrByte = 10;  // of its packet: its time is that byte's (2.4.3.5)
constexpr uint64_t kPcrHz = 27'000'000;

// Of PID 0x100, full of stuffing, without an adaptation field.
inline Bytes ts_packet() {
  Bytes ts(kTsBytes, 0xff);
  ts[0] = 0x47;
  ts[1] = 0x01;
  ts[2] = 0x00;
  ts[3] = 0x10;
  return ts;
}

// With an adaptation field of 7 bytes, in which is a PCR of `ticks` 27 MHz ticks.
inline Bytes ts_packet_with_pcr(uint64_t ticks, bool discontinuity = false) {
  const uint64_t base = ticks / 300, extension = ticks % 300;
  Bytes ts = ts_packet();
  ts[3] = 0x30;
  ts[4] = 7;
  ts[5] = discontinuity ? 0x90 : 0x10;
  ts[6] = static_cast<uint8_t>(base >> 25);
  ts[7] = static_cast<uint8_t>(base >> 17);
  ts[8] = static_cast<uint8_t>(base >> 9);
  ts[9] = static_cast<uint8_t>(base >> 1);
  ts[10] = static_cast<uint8_t>((base & 1) << 7 | extension >> 8);
  ts[11] = static_cast<uint8_t>(extension);
  return ts;
}

}  // namespace zc::test
