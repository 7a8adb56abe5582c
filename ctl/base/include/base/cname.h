// SPDX-License-Identifier: GPL-2.0-only
// Names of RTCP members (RFC 7022).
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace zc {

// Of 96 random bits: base64, 16 characters (RFC 7022 4.2).
std::string make_cname(const std::array<uint8_t, 12>& random);
// Of random bits that the system gives.
std::string make_random_cname();

}  // namespace zc
