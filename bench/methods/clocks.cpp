// SPDX-License-Identifier: GPL-2.0-only
// clock_*: rtpsendfile and krtpsendfile, whose packets' timestamps come from one clock or another.
// `unpaced` is `wall` on a device where another rule is paced; `paced` waits in the queue behind
// which it is stamped, at a rate that is never reached, so that what is seen is the way there.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

// Of packets of 1316 bytes.
constexpr const char* kSamples = "L16/90000";
constexpr double kSampleTicks = 1316.0 / 2;
constexpr const char* kBytes = "bytes:5000000";
constexpr double kByteTicks = 1316 * 8 * 90000.0 / 5e6;
constexpr const char* kPacket = "packet:3000";
constexpr double kPacketTicks = 3000;
constexpr const char* kNoRate = "100G";

constexpr Method by(std::string_view name, const RuleWords& rule) {
  return {.name = name,
          .suites = kClock,
          .rtp = Rtp::kZcctlUni,
          .rule = rule,
          .needs = "zcctl attach",
          .no_fragments = "zcctl drops IP fragments",
          .missing = zcctl_missing,
          .send = sendfile_each};
}

constexpr Method many_by(std::string_view name, const RuleWords& rule) {
  Method method = by(name, rule);
  method.needs = "UDP_SEGMENT, zcctl attach";
  method.no_fragments = "UDP_SEGMENT makes no IP fragments, zcctl drops them";
  method.missing = zcctl_segment_missing;
  method.send = sendfile_segmented;
  return method;
}

}  // namespace

const Method clock_wall = by("clock_wall", {.timestamp = "wall"});
const Method clock_samples =
    by("clock_samples", {.timestamp = "samples", .encoding = kSamples, .ticks = kSampleTicks});
const Method clock_bytes = by("clock_bytes", {.timestamp = kBytes, .ticks = kByteTicks});
const Method clock_packet = by("clock_packet", {.timestamp = kPacket, .ticks = kPacketTicks});
const Method clock_pcr = by("clock_pcr", {.timestamp = "pcr"});
const Method clock_unpaced = by("clock_unpaced", {.timestamp = "wall", .beside_paced = true});
const Method clock_paced = by("clock_paced", {.timestamp = "wall", .rate = kNoRate});

const Method clock_wall_many = many_by("clock_wall_many", {.timestamp = "wall"});
const Method clock_samples_many = many_by(
    "clock_samples_many", {.timestamp = "samples", .encoding = kSamples, .ticks = kSampleTicks});
const Method clock_bytes_many =
    many_by("clock_bytes_many", {.timestamp = kBytes, .ticks = kByteTicks});
const Method clock_packet_many =
    many_by("clock_packet_many", {.timestamp = kPacket, .ticks = kPacketTicks});
const Method clock_pcr_many = many_by("clock_pcr_many", {.timestamp = "pcr"});
const Method clock_unpaced_many =
    many_by("clock_unpaced_many", {.timestamp = "wall", .beside_paced = true});
const Method clock_paced_many = many_by("clock_paced_many", {.timestamp = "wall", .rate = kNoRate});

}  // namespace zc::bench
