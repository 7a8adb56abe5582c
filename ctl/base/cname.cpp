// SPDX-License-Identifier: GPL-2.0-only
#include "base/cname.h"

#include <random>

namespace zc {

// Three bytes make four characters (RFC 4648 4).
std::string make_cname(const std::array<uint8_t, 12>& random) {
  constexpr const char* kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string name;
  for (size_t i = 0; i < random.size(); i += 3) {
    const uint32_t bits = uint32_t{random[i]} << 16 | uint32_t{random[i + 1]} << 8 | random[i + 2];
    for (const int shift : {18, 12, 6, 0})
      name += kAlphabet[bits >> shift & 63];
  }
  return name;
}

std::string make_random_cname() {
  std::random_device device;
  std::array<uint8_t, 12> bytes{};
  for (uint8_t& byte : bytes)
    byte = static_cast<uint8_t>(device());
  return make_cname(bytes);
}

}  // namespace zc
