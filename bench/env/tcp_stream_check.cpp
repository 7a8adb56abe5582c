// SPDX-License-Identifier: GPL-2.0-only
#include "tcp_stream_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "env/frame.h"

namespace zc::bench {
namespace {

constexpr size_t kBlockBytes = 256 << 10;

// The file's bytes, and nothing else.
class Plain : public TcpStreamCheck {
 public:
  explicit Plain(const Expected& expected) : expected_(expected) {}

  // A block ends where the file does, so that it lies in the file as it comes.
  size_t next_block() const override {
    return std::min<uint64_t>(kBlockBytes, file_bytes() - position());
  }
  void look(std::span<const uint8_t> block) override {
    const auto wanted = expected_.file.subspan(position(), block.size());
    if (problem_.empty() && !std::equal(block.begin(), block.end(), wanted.begin()))
      problem_ = fmt::format("other bytes than the file's behind byte {}", received_);
    received_ += block.size();
  }
  void skip(size_t bytes) override { received_ += bytes; }
  uint64_t expected_bytes() const override {
    return expected_.stream.packets * expected_.stream.payload_bytes;
  }
  std::string problem() const override { return problem_; }

 private:
  uint64_t file_bytes() const {  // those that are sent
    return expected_.stream.packets_in_file() * expected_.stream.payload_bytes;
  }
  uint64_t position() const {  // in the file, of the next byte
    return (expected_.stream.first_packet * expected_.stream.payload_bytes + received_) %
           file_bytes();
  }

  Expected expected_;
  uint64_t received_ = 0;
  std::string problem_;
};

// Whole frames: each of a length, and in each a packet as it would be over UDP.
class Framed : public TcpStreamCheck {
 public:
  explicit Framed(const Expected& expected)
      : expected_(expected),
        frame_bytes_(expected.datagram_bytes()),
        packets_(packets_of(expected), 1) {}

  size_t next_block() const override {
    return std::max<size_t>(kBlockBytes / frame_bytes_, 1) * frame_bytes_;
  }
  void look(std::span<const uint8_t> block) override {
    for (; block.size() >= frame_bytes_; block = block.subspan(frame_bytes_))
      frame(block.first(frame_bytes_));
    if (!block.empty()) note(fmt::format("{} bytes behind the last frame", block.size()));
  }
  void skip(size_t bytes) override { packets_.skip(bytes / frame_bytes_); }
  uint64_t expected_bytes() const override { return expected_.stream.packets * frame_bytes_; }
  std::string problem() const override { return problem_.empty() ? packets_.problem() : problem_; }

 private:
  // The packets within.
  static Expected packets_of(Expected expected) {
    expected.rtp = is_by_zcctl(expected.rtp) ? Rtp::kZcctlSum : Rtp::kApplication;
    return expected;
  }
  void frame(std::span<const uint8_t> bytes) {
    const size_t wanted = frame_bytes_ - kFrameLengthBytes;
    const size_t length = get_be16(bytes, 0);
    if (length != wanted)
      note(fmt::format("frame {} has a length of {}, not {}", packets_.packets(), length, wanted));
    packets_.datagram(bytes.subspan(kFrameLengthBytes));
  }
  void note(const std::string& wrong) {
    if (problem().empty()) problem_ = wrong;
  }

  Expected expected_;
  size_t frame_bytes_;
  StreamCheck packets_;
  std::string problem_;
};

}  // namespace

std::unique_ptr<TcpStreamCheck> TcpStreamCheck::of(const Expected& expected) {
  if (is_framed(expected.rtp)) return std::make_unique<Framed>(expected);
  return std::make_unique<Plain>(expected);
}

}  // namespace zc::bench
