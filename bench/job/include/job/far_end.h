// SPDX-License-Identifier: GPL-2.0-only
// The two ends' addresses, the same in every environment.
#pragma once

#include <cstdint>

namespace zc::bench {

constexpr const char* kNearAddress = "10.99.0.1";
constexpr const char* kFarAddress = "10.99.0.2";
constexpr const char* kNearMac = "02:00:00:00:00:01";
constexpr const char* kFarMac = "02:00:00:00:00:02";
constexpr uint16_t kPort = 5004;

}  // namespace zc::bench
