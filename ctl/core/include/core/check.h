// SPDX-License-Identifier: GPL-2.0-only
// The facts of `check`, and what they mean. Pure: check.cpp gathers them.
#pragma once

#include <optional>
#include <vector>

#include "core/commands.h"
#include "core/path.h"

namespace zc::core {

struct CheckFacts {
  PathFacts path;
  // The device with the rules that are asked for alone; while it was watched: what was counted
  // meanwhile.
  DeviceStatus device;
  // Rules for the same packets elsewhere, or for other packets here: "eth1: 10.0.0.2:5004".
  std::vector<std::string> other_rules{};
  std::optional<api::PinnedDevice> trouble{};  // the device's pins, where they are not in order
  std::vector<api::AppSocket> sockets{};       // of all namespaces, connected to the destination
  std::vector<api::Queue> queues{};            // as the device's counters
  bool watched = false;
};

// In the order in which a packet meets them. Empty: nothing is wrong.
Findings check_findings(const CheckFacts& facts);

// What may be nothing, and is worth a look.
std::vector<std::string> check_notes(const CheckFacts& facts);

}  // namespace zc::core
