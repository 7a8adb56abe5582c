// SPDX-License-Identifier: GPL-2.0-only
#include "parser.h"

#include <algorithm>
#include <cstring>

namespace zc::test {
namespace {

class Parser {
 public:
  Parser(std::span<const uint8_t> stream, std::span<const uint8_t> said, const Look& look)
      : stream_(stream), said_(said), look_(look) {}

  Parsed run(std::span<const Part> parts) {
    for (const Part& part : parts) {
      if (part.framed)
        while (parsed_.position < part.end && left() && parsed_.fault.empty())
          frame(part);
      else
        bytes(part.end - parsed_.position);
      if (!parsed_.fault.empty() || !left()) break;
    }
    if (parsed_.fault.empty() && left()) fail("bytes behind the last one");
    return std::move(parsed_);
  }

 private:
  size_t left() const { return stream_.size() - at_; }

  void fail(const std::string& what) {
    parsed_.fault = what + " at byte " + std::to_string(at_) + " of the stream, frame " +
                    std::to_string(parsed_.frames.size()) + ", application's byte " +
                    std::to_string(parsed_.position);
  }

  // The application's next ones, as far as the stream goes.
  void bytes(uint64_t count) {
    count = std::min<uint64_t>(count, left());
    if (parsed_.position + count > said_.size()) return fail("more than was said");
    if (std::memcmp(&stream_[at_], &said_[parsed_.position], count) != 0)
      return fail("other bytes than were said, from here on");
    at_ += count;
    parsed_.position += count;
  }

  uint32_t number(size_t at, size_t size) const {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i)
      value = value << 8 | stream_[at + i];
    return value;
  }

  void frame(const Part& part) {
    const size_t before = look_.interleaved ? 2 : 0, header = before + 14;
    if (left() < header) return fail("part of a header at the end");
    if (before && (stream_[at_] != '$' || stream_[at_ + 1] != look_.channel))
      return fail("no $ with its channel");
    const uint32_t length = number(at_ + before, 2);
    const size_t rtp = at_ + before + 2;
    if (length <= 12) return fail("a frame without payload");
    const bool marker = look_.markers && (stream_[rtp + 1] & 0x80) != 0;
    if (stream_[rtp] != 0x80 || stream_[rtp + 1] != (look_.payload_type | (marker ? 0x80 : 0)))
      return fail("no RTP");
    const auto seq = static_cast<uint16_t>(look_.first_seq + parsed_.frames.size());
    if (number(rtp + 2, 2) != seq) return fail("not the next sequence number");
    if (number(rtp + 8, 4) != look_.ssrc) return fail("another SSRC");
    const Frame frame{parsed_.position, length - 12, number(rtp + 4, 4), marker};
    if (frame.announced > look_.bytes) return fail("a frame that is too long");
    if (part.exact && frame.end() > part.end) return fail("a frame beyond its body");
    if (part.exact && frame.announced < look_.bytes && frame.end() != part.end)
      return fail("a short frame in the midst of a body");
    parsed_.frames.push_back(frame);
    at_ += header;
    bytes(frame.announced);
  }

  std::span<const uint8_t> stream_, said_;
  Look look_;
  size_t at_ = 0;
  Parsed parsed_;
};

}  // namespace

Parsed parse(std::span<const uint8_t> stream, std::span<const uint8_t> said,
             std::span<const Part> parts, const Look& look) {
  return Parser(stream, said, look).run(parts);
}

}  // namespace zc::test
