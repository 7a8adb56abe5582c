// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <algorithm>

namespace zc::test {
namespace {

constexpr uint64_t kPage = 4096, kPipe = 16 * kPage;
constexpr uint64_t kHeaders = 64 * 16;        // of one look
constexpr uint64_t kOneMessage = 16 * 32768;  // a longer call may be of more than one

// Where the last message of a call begins that the kernel took whole; its end where nobody knows.
uint64_t last_message(const Call& call) {
  if (!call.sendfile) return call.end - call.begin > kOneMessage ? call.end : call.begin;
  // splice(2) goes by pages of the file.
  const uint64_t first = call.begin / kPage * kPage;
  return std::max(call.begin, first + (call.end - 1 - first) / kPipe * kPipe);
}

// A frame that begins with what a call says new was begun before anybody could know of MSG_MORE.
// What it says a second time, after a cut, is at most as long as the headers of one look.
bool ends_a_call(const Frame& frame, const std::vector<Call>& calls) {
  for (size_t i = 0; i < calls.size(); ++i) {
    const Call& call = calls[i];
    if (call.end != frame.end()) continue;
    const uint64_t again = i > 0 && !calls[i - 1].whole ? kHeaders : 0;
    if (!call.more || (frame.begin >= call.begin && frame.begin <= call.begin + again)) return true;
  }
  return false;
}

std::string text(const Frame& frame) {
  return "the frame of " + std::to_string(frame.announced) + " bytes at " +
         std::to_string(frame.begin);
}

std::string judge_end(const Call& call, const std::vector<Frame>& frames) {
  const auto next =
      std::upper_bound(frames.begin(), frames.end(), call.end,
                       [](uint64_t end, const Frame& frame) { return end <= frame.begin; });
  if (next == frames.begin()) return "";
  const Frame& frame = *(next - 1);
  if (frame.end() <= call.end || frame.begin <= last_message(call)) return "";
  return text(frame) + " goes beyond the call that ends at " + std::to_string(call.end);
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
  // After a cut nobody outside knows where messages begin.
  if (never || said.sent.partial || said.sent.refused) return "";
  for (const Call& call : said.sent.calls)
    if (std::string fault = call.more ? "" : judge_end(call, parsed.frames); !fault.empty())
      return fault;
  return "";
}

std::string judge_torn(const std::vector<uint8_t>& stream, const Source& source, const Look& look) {
  const std::vector<Part> parts = {{true, 0, source.size, false}};
  const Parsed parsed =
      parse(stream, {source.bytes, static_cast<size_t>(source.size)}, parts, look);
  return parsed.fault.starts_with("part of a header at the end") ? "" : parsed.fault;
}

}  // namespace zc::test
