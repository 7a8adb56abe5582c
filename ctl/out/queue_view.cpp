// SPDX-License-Identifier: GPL-2.0-only
#include "queue_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/pace.h"
#include "core/pace.h"

namespace zc::out {
namespace {

using Json = nlohmann::ordered_json;

std::string backlog_text(const api::PaceBacklog& backlog) {
  return fmt::format("{} packets wait ({} bytes), {} dropped", backlog.packets, backlog.bytes,
                     backlog.dropped);
}

Json backlog_json(const api::PaceBacklog& backlog) {
  return Json{{"packets", backlog.packets}, {"bytes", backlog.bytes}, {"dropped", backlog.dropped}};
}

const api::PaceClass* find_class(const core::DeviceStatus& device, const api::RuleEntry& entry) {
  if (!device.queue) return nullptr;
  const auto& classes = device.queue->classes;
  const auto found = std::ranges::find(classes, entry.id, &api::PaceClass::rule);
  return found == classes.end() ? nullptr : &*found;
}

}  // namespace

std::string queue_text(const core::DeviceStatus& device) {
  if (core::paced_rules(device.rules).empty()) return "";
  if (device.pace.empty()) return ", no queue for --rate";
  return fmt::format(", queue {} ({})", device.pace, api::to_string(device.queue->kind));
}

std::string shared_queue_line(const core::DeviceStatus& device) {
  if (!device.queue || device.queue->kind != ZC_PACE_KIND_FQ) return "";
  return fmt::format("  queue: {}\n", backlog_text(device.queue->backlog));
}

std::string rule_queue_line(const core::DeviceStatus& device, const api::RuleEntry& entry) {
  const api::PaceClass* queue = find_class(device, entry);
  return queue ? fmt::format("    queue: {}\n", backlog_text(queue->backlog)) : "";
}

Json queue_json(const core::DeviceStatus& device) {
  if (!device.queue) return nullptr;
  Json json{{"dev", device.pace.empty() ? Json(nullptr) : Json(device.pace)},
            {"kind", api::to_string(device.queue->kind)}};
  json.update(backlog_json(device.queue->backlog));
  json["unpaced"] = device.queue->unpaced;
  return json;
}

Json rule_queue_json(const core::DeviceStatus& device, const api::RuleEntry& entry) {
  const api::PaceClass* queue = find_class(device, entry);
  return queue ? backlog_json(queue->backlog) : Json(nullptr);
}

}  // namespace zc::out
