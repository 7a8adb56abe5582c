// SPDX-License-Identifier: GPL-2.0-only
// What the Internet's headers have in common, from the RFCs: addresses as text, and the checksum.
#pragma once

#include <string>

#include "bytes.h"

namespace zc::test {

// "10.9.0.1" gives 4 bytes, "2001:db8::1" gives 16.
Bytes address_bytes(const std::string& text);

// RFC 1071: the ones' complement sum of 16-bit words, an odd last byte padded with zero.
uint16_t ones_complement_sum(const Bytes& bytes);

// The sum that a UDP checksum covers: pseudo-header (RFC 768, RFC 8200 8.1), header and data.
// A correct datagram gives 0xffff.
uint16_t udp_sum(const Bytes& source, const Bytes& destination, const Bytes& datagram);

}  // namespace zc::test
