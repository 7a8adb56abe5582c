// SPDX-License-Identifier: GPL-2.0-only
// What follows from the counts of `probe --verify`. Pure.
#include <algorithm>

#include "core/verify.h"

namespace zc::core {
namespace {

// Of a hundred: UDP loses packets on any path, and a card that takes no such packets loses all.
constexpr uint64_t kTolerableLoss = 2;

std::string many(uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what;
}

// What is wrong with those that arrived, the worst first.
void add_wrong(const Tally& tally, std::vector<std::string>& faults) {
  const auto add = [&](uint64_t count, const std::string& what) {
    if (count > 0) faults.push_back(many(count, what));
  };
  add(tally.bare, "without RTP header");
  add(tally.bad_header, "with a damaged header");
  add(tally.wrong_sum, "with a wrong checksum");
  add(tally.bad_payload, "with a damaged payload");
  add(tally.merged,
      "merged by the listener's kernel: there, `ethtool -K DEV rx-gro-list off "
      "rx-udp-gro-forwarding off`");
  add(tally.unfinished,
      "arrived without a finished checksum: the path is on this host, and proves nothing");
}

// Why our program has seen none of them.
std::string why_unseen(const ShapeReport& shape) {
  const bool known = !shape.before.empty();
  if (shape.elsewhere || (shape.tally.bare == 0 && !known))
    return "they do not leave by this device";
  if (shape.tally.bare > 0)
    return "they left by " + shape.dev + " unstamped: " + (known ? shape.before : "something") +
           " stands before zcctl's program";
  return "none came to zcctl's program: " + shape.before + " stands before it";
}

// Of those that are lost and were not dropped by our program: a filter had them before it.
uint64_t lost_before_us(const ShapeReport& shape, uint64_t dropped, uint64_t lost) {
  const uint64_t accounted = shape.stamped + dropped + shape.tally.bare;
  return shape.sent > accounted ? std::min(lost, shape.sent - accounted) : 0;
}

std::string many_lost(const ShapeReport& shape, uint64_t dropped, uint64_t lost) {
  std::string text = many(lost, "lost");
  const uint64_t here = lost_before_us(shape, dropped, lost);
  if (here > 0) text += ", " + many(here, "of them here, before zcctl's program");
  if (shape.tally.missed > 0) text += ", maybe by the listener, which was too slow";
  return text;
}

void add_missing(const ShapeReport& shape, std::vector<std::string>& faults) {
  uint64_t dropped = 0;
  for (const auto& [counter, packets] : shape.dropped) {
    faults.push_back(many(packets, "dropped here as " + counter));
    dropped += packets;
  }
  if (shape.stamped == 0 && dropped == 0 && shape.sent > 0) {
    faults.push_back(why_unseen(shape));
    return;
  }
  if (shape.tally.merged > 0) return;  // they are in there
  const uint64_t lost = shape.lost() > dropped ? shape.lost() - dropped : 0;
  if (shape.tally.arrived == 0 && lost > 0)
    faults.push_back("none arrived");
  else if (lost * 100 > shape.sent * kTolerableLoss)
    faults.push_back(many_lost(shape, dropped, lost));
}

bool is_right(const VerifyReport& report, zc_checksum way) {
  const WayReport* found = report.find(way);
  return found && found->right();
}

}  // namespace

bool ShapeReport::unproved() const {
  return (tally.unfinished > 0 || tally.merged > 0) &&
         tally.wrong_sum + tally.bare + tally.bad_header + tally.bad_payload == 0;
}

std::string fault_of(const ShapeReport& shape) {
  std::vector<std::string> faults;
  if (shape.sent == 0) faults.emplace_back("the kernel here took none");
  add_missing(shape, faults);
  add_wrong(shape.tally, faults);
  std::string text;
  for (const std::string& fault : faults)
    text += (text.empty() ? "" : "; ") + fault;
  return text;
}

const WayReport* VerifyReport::find(zc_checksum way) const {
  const auto found = std::ranges::find(ways, way, &WayReport::way);
  return found == ways.end() ? nullptr : &*found;
}

bool VerifyReport::automatic_is_right() const {
  return is_right(*this, automatic.way);
}

// The cheapest first. `zero` is only for who asks: its packets have no checksum to prove.
void conclude(VerifyReport& report) {
  report.advice.reset();
  report.path_fault.clear();
  const zc_checksum first = report.arrive_complete ? ZC_CHECKSUM_SUM : ZC_CHECKSUM_UNI;
  for (const zc_checksum way : {first, ZC_CHECKSUM_UNI, ZC_CHECKSUM_SUM, ZC_CHECKSUM_LCO}) {
    if (!report.advice && is_right(report, way)) report.advice = way;
  }
  const WayReport* usual = report.find(report.automatic.way);
  if (report.advice || !usual) return;
  const bool unproved = usual->single.unproved() || usual->super.unproved();
  if (is_right(report, ZC_CHECKSUM_ZERO) && !unproved) return;
  report.path_fault = usual->single.fault.empty() ? usual->super.fault : usual->single.fault;
}

}  // namespace zc::core
