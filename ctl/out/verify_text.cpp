// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "core/checksum.h"
#include "verify_view.h"

namespace zc::out {
namespace {

using core::ShapeReport;
using core::VerifyReport;
using core::WayReport;

std::string verdict_text(const ShapeReport& shape) {
  if (shape.fault.empty()) return "right";
  return (shape.unproved() ? "not proved: " : "WRONG: ") + shape.fault;
}

std::string shape_line(const WayReport& way, const char* name, const ShapeReport& shape) {
  std::string text = fmt::format("  {:<5} {:<7} ", core::to_string(way.way), name);
  if (!shape.not_tried.empty()) return text + "not tried: " + shape.not_tried + "\n";
  const core::Tally& tally = shape.tally;
  text += fmt::format("{:>4} of {:<4} {:>5} {:>9} {:>7}   {}", tally.arrived, shape.sent,
                      tally.wrong_sum, tally.reordered, way.largest, verdict_text(shape));
  if (shape.fault.empty() && shape.lost() > 0) text += fmt::format(", but {} lost", shape.lost());
  if (tally.duplicate > 0) text += fmt::format(", {} twice", tally.duplicate);
  return text + "\n";
}

std::string way_lines(const WayReport& way) {
  if (!way.not_tried.empty())
    return fmt::format("  {:<5} not tried: {}\n", core::to_string(way.way), way.not_tried);
  return shape_line(way, "single", way.single) + shape_line(way, "many", way.super);
}

// The lengths are the path's, and none of the ways'.
std::string size_note(const VerifyReport& report) {
  uint64_t sent = 0, arrived = 0;
  for (const WayReport& way : report.ways) {
    sent = std::max(sent, way.largest_sent);
    arrived = std::max(arrived, way.largest);
  }
  if (arrived == 0 || arrived >= sent) return "";
  return fmt::format(
      "note: packets of more than {} bytes do not arrive, and {} would leave {}: send smaller "
      "ones\n",
      arrived, sent, report.dev);
}

std::string nat_note(const VerifyReport& report) {
  if (report.seen_from.empty() || report.seen_from == report.from.text()) return "";
  return fmt::format("note: NAT on the path: the listener sees {} as {}\n", report.from.text(),
                     report.seen_from);
}

std::string conclusion(const VerifyReport& report) {
  if (report.advice)
    return fmt::format("attach with --checksum {}\n", core::to_string(*report.advice));
  if (report.path_fault.empty())
    return "only zero arrives right, whose packets have no UDP checksum to prove: no way is "
           "advised\n";
  return fmt::format("no way is proved right: {}\n", report.path_fault);
}

}  // namespace

std::string verify_text(const VerifyReport& report) {
  std::string text = fmt::format("{} to {}, from {}; auto takes {}\n", report.dev, report.to.text(),
                                 report.from.text(), core::to_string(report.automatic.way));
  text += "  way   a call   arrived    wrong reordered largest\n";
  for (const WayReport& way : report.ways)
    text += way_lines(way);
  return text + nat_note(report) + size_note(report) + conclusion(report);
}

std::string session_text(const core::SessionReport& report) {
  return fmt::format("{}: {} tests, {} packets arrived, {} of them right\n", report.peer,
                     report.tests, report.arrived, report.right);
}

}  // namespace zc::out
