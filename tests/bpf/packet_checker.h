// SPDX-License-Identifier: GPL-2.0-only
// Takes frames apart and says what is wrong with them, from the RFCs alone. golden_test.cpp holds
// it against tshark's judgement.
#pragma once

#include <string>

#include "bytes.h"

namespace zc::test {

struct Datagram {
  // What is wrong, empty where nothing is: lengths that disagree, checksums, fragments, options.
  std::string problem;
  int family = 0;
  size_t l3_offset = 0;
  Bytes source, destination;
  uint16_t source_port = 0, destination_port = 0;
  bool has_checksum = false;
  Bytes payload;
  Bytes trailer;  // Ethernet padding
};

enum class Layer { kEthernet, kIp };

// One UDP datagram without fragments, options and extension headers, behind up to two tags.
Datagram dissect(const Bytes& frame, Layer first = Layer::kEthernet);

struct Rtp {
  std::string problem;
  int payload_type = -1;
  bool marker = false;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0, ssrc = 0;
  bool has_extension = false;
  Bytes payload;
};

// RFC 3550 5.1 and 5.3.1: no padding, no CSRC.
Rtp dissect_rtp(const Bytes& payload);

}  // namespace zc::test
