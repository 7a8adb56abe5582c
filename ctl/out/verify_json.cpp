// SPDX-License-Identifier: GPL-2.0-only
#include <nlohmann/json.hpp>

#include "core/checksum.h"
#include "verify_view.h"

namespace zc::out {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json shape_json(const core::ShapeReport& shape) {
  if (!shape.not_tried.empty()) return Json{{"not_tried", shape.not_tried}};
  Json json{{"not_tried", nullptr},
            {"right", shape.right()},
            {"fault", text_or_null(shape.fault)},
            {"sent", shape.sent},
            {"stamped", shape.stamped},
            {"lost", shape.lost()},
            {"dropped_here", Json(shape.dropped)}};
#define ZC_TALLY_JSON(name, meaning) json["seen"][#name] = shape.tally.name;
  ZC_TALLY(ZC_TALLY_JSON)
#undef ZC_TALLY_JSON
  return json;
}

Json way_json(const core::WayReport& way) {
  if (!way.not_tried.empty())
    return Json{{"checksum", core::to_string(way.way)}, {"not_tried", way.not_tried}};
  return Json{{"checksum", core::to_string(way.way)},
              {"not_tried", nullptr},
              {"right", way.right()},
              {"largest_sent", way.largest_sent},
              {"largest", way.largest},
              {"single", shape_json(way.single)},
              {"many", shape_json(way.super)}};
}

}  // namespace

Json verify_json(const core::VerifyReport& report) {
  Json ways = Json::array();
  for (const core::WayReport& way : report.ways)
    ways.push_back(way_json(way));
  return Json{{"dev", report.dev},
              {"to", report.to.text()},
              {"from", report.from.text()},
              {"seen_from", text_or_null(report.seen_from)},
              {"auto", core::to_string(report.automatic.way)},
              {"auto_right", report.automatic_is_right()},
              {"advice", report.advice ? Json(core::to_string(*report.advice)) : Json(nullptr)},
              {"path_fault", text_or_null(report.path_fault)},
              {"ways", ways}};
}

Json session_json(const core::SessionReport& report) {
  return Json{{"peer", report.peer},
              {"tests", report.tests},
              {"announced", report.announced},
              {"arrived", report.arrived},
              {"right", report.right}};
}

}  // namespace zc::out
