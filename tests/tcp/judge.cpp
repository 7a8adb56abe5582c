// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <algorithm>

namespace zc::test {
namespace {

constexpr uint64_t kHeaders = 64 * 16;        // of one look
constexpr uint64_t kOneMessage = 16 * 32768;  // a longer call may be of more than one

// Where a frame has to begin at least, so that it has to end with the call: what the kernel took of
// the one before may have gone into a frame that was to end elsewhere.
uint64_t first_of(const std::vector<Call>& calls, size_t i) {
  return calls[i].begin + (i > 0 && !calls[i - 1].whole ? kHeaders : 0);
}

// Where the last message of a call begins that the program cannot read and the kernel took whole;
// its end where nobody knows.
uint64_t last_message(const Call& call) {
  return call.end - call.begin > kOneMessage ? call.end : call.begin + 1;
}

// Of one that cannot be read: a frame that begins with what it says new was begun before anybody
// could know of MSG_MORE. What it says a second time, after a cut, is at most as long as the
// headers of one look.
bool ends_a_call(const Frame& frame, const std::vector<Call>& calls) {
  for (size_t i = 0; i < calls.size(); ++i) {
    const Call& call = calls[i];
    if (call.end != frame.end()) continue;
    if (!call.more) return true;
    if (call.hidden && frame.begin >= call.begin && frame.begin <= first_of(calls, i)) return true;
  }
  return false;
}

std::string text(const Frame& frame) {
  return "the frame of " + std::to_string(frame.announced) + " bytes at " +
         std::to_string(frame.begin);
}

// The newest frame that begins in what the kernel took of the call, from `first` on, ends with it.
std::string judge_end(uint64_t first, const Call& call, const std::vector<Frame>& frames) {
  const auto next =
      std::upper_bound(frames.begin(), frames.end(), call.begin + call.taken,
                       [](uint64_t end, const Frame& frame) { return end <= frame.begin; });
  if (next == frames.begin()) return "";
  const Frame& frame = *(next - 1);
  if (frame.end() <= call.end || frame.begin < first) return "";
  return text(frame) + " goes beyond the call that ends at " + std::to_string(call.end);
}

// After a cut nobody outside knows where messages begin, of a call that cannot be read.
std::string judge_ends(const Sent& sent, const std::vector<Frame>& frames) {
  const bool cut = sent.partial || sent.refused;
  for (size_t i = 0; i < sent.calls.size(); ++i) {
    const Call& call = sent.calls[i];
    if (call.more || (call.hidden && cut)) continue;
    const uint64_t first = call.hidden ? last_message(call) : first_of(sent.calls, i);
    if (std::string fault = judge_end(first, call, frames); !fault.empty()) return fault;
  }
  return "";
}

}  // namespace

std::string judge(const Said& said, const Source& source, const Look& look, bool never) {
  if (!said.sent.fault.empty()) return said.sent.fault;
  if (!said.heard.fault.empty()) return said.heard.fault;
  const std::vector<Part> parts = {{true, 0, source.size, false}};
  const Parsed parsed =
      parse(said.heard.stream, {source.bytes, static_cast<size_t>(source.size)}, parts, look);
  if (!parsed.fault.empty()) return parsed.fault;
  if (parsed.position != source.size)
    return "only " + std::to_string(parsed.position) + " bytes are in the stream";
  for (const Frame& frame : parsed.frames)
    if (frame.announced < look.bytes && (never || !ends_a_call(frame, said.sent.calls)))
      return text(frame) + " is short and ends no call";
  return never ? "" : judge_ends(said.sent, parsed.frames);
}

std::string judge_torn(const std::vector<uint8_t>& stream, const Source& source, const Look& look) {
  const std::vector<Part> parts = {{true, 0, source.size, false}};
  const Parsed parsed =
      parse(stream, {source.bytes, static_cast<size_t>(source.size)}, parts, look);
  return parsed.fault.starts_with("part of a header at the end") ? "" : parsed.fault;
}

}  // namespace zc::test
