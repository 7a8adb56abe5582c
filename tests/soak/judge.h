// SPDX-License-Identifier: GPL-2.0-only
// Judges every frame of the soak: all that nic/ checks, without a byte of memory a frame. It knows
// the RFCs and the script, nothing of zcctl; what it finds, support/packet.h's dissector describes.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "soak/script.h"
#include "support/bytes.h"
#include "support/virtio_net.h"

namespace zc::test {

// The stream that comes and goes with its rule (churn.h): each datagram says in its payload what
// must have become of it.
constexpr uint16_t kChurnPort = 6000;
constexpr uint16_t kChurnSourcePort = 19'999;
struct ChurnPayload {
  static constexpr size_t kBytes = 188;
  static constexpr uint8_t kMustBeStamped = 'S';
  static constexpr uint8_t kMustBeBare = 'B';
};
// 0x47, the fate, the number; then bytes that depend on the number.
Bytes churn_payload(uint8_t fate, uint32_t number);

class Judge {
 public:
  // Both outlive it.
  Judge(const std::vector<SoakStream>& streams, ByteView file);

  // A frame as the device was handed it; its checksum is completed in place, as VIRTIO 5.1.6.2
  // says.
  void take(const VnetHeader& vnet, std::span<uint8_t> frame);

  // Frames of streams and of the churn's, for whoever must not run ahead of the judge.
  uint64_t taken() const { return taken_.load(std::memory_order_acquire); }
  uint64_t wrong() const { return wrong_.load(std::memory_order_relaxed); }

  struct Seen {
    uint64_t frames = 0;
    uint64_t payload_bytes = 0;
  };
  // Not while frames are taken, as all below.
  Seen seen(size_t stream) const { return {flows_[stream].frames, flows_[stream].payload_bytes}; }
  uint64_t churn_frames() const { return churn_frames_; }
  // What was wrong -> in how many frames.
  const std::map<std::string, uint64_t>& problems() const { return problems_; }
  // The first of them at length.
  const std::vector<std::string>& examples() const { return examples_; }

 private:
  struct Flow {
    const SoakStream* stream;
    Datagrams datagrams;
    uint64_t frames = 0;
    uint64_t payload_bytes = 0;
    uint32_t ssrc = 0;
    uint32_t timestamp = 0;
    uint16_t sequence = 0;  // of the last frame
  };
  struct Udp;
  struct Rtp;

  void problem(const char* what);
  bool complete(const VnetHeader& vnet, std::span<uint8_t> frame);
  bool find_ip(ByteView frame, Udp& udp);
  bool find_udp(Udp& udp);
  static std::optional<Rtp> find_rtp(ByteView bytes, const char*& wrong);
  void judge_stream(const Udp& udp);
  void judge_numbers(Flow& flow, const Rtp& rtp);
  void judge_payload(Flow& flow, ByteView payload);
  void judge_churn(const Udp& udp);

  ByteView file_;
  std::vector<Flow> flows_;
  std::atomic<uint64_t> taken_ = 0;
  std::atomic<uint64_t> wrong_ = 0;
  uint64_t churn_frames_ = 0;
  std::map<std::string, uint64_t> problems_;
  std::vector<std::string> examples_;
  const char* first_problem_ = nullptr;  // of the frame at hand
};

// RFC 1071 as support/bytes.h has it, eight bytes at a time.
uint16_t fast_sum(ByteView bytes, uint16_t start = 0);

}  // namespace zc::test
