// SPDX-License-Identifier: GPL-2.0-only
// What a method is given to send: a file, a socket that is connected, how large the packets are and
// how many. The same for every method, so that what leaves is the same. Knows no environment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "job/kernel.h"
#include "zc/wire/rtp.h"

namespace zc::bench {

// RTP of every application here: dynamic payload type (RFC 3551 6), 90 kHz.
constexpr uint8_t kPayloadType = 96;
constexpr uint32_t kClockHz = 90000;
constexpr size_t kRtpHeaderBytes = sizeof(zc_rtp_header);

// The file's bytes in packets of one size: its last bytes that fill no packet are never sent, and
// after its last packet comes its first again. A look begins shortly before the file's end and
// before the sequence number's, so that it sees both.
struct Stream {
  int file = -1;  // not owned
  uint64_t file_bytes = 0;
  size_t payload_bytes = 0;
  uint64_t packets = 0;
  size_t stored_header_bytes = 0;          // before each payload in the file
  std::span<const uint8_t> mapped = {};    // the file, mapped and touched before any timing
  const char* device = "";                 // for methods that hand frames to it
  uint64_t first_packet = 0;               // of the file: where sending begins
  std::optional<uint16_t> first_seq = {};  // of RTP that the application makes; none: random

  size_t slot_bytes() const { return stored_header_bytes + payload_bytes; }
  uint64_t packets_in_file() const { return file_bytes / slot_bytes(); }
};

// Packets that lie one behind the other in the file; packets == 0: there are no more.
struct Part {
  uint64_t first = 0;  // number of its first packet, counted from 0
  size_t packets = 0;
  off_t offset = 0;
  size_t bytes = 0;  // payloads, and headers where the file has them

  explicit operator bool() const { return packets != 0; }
};

class Job {
 public:
  // Asked before packets are handed out, with the number that was sent; false ends the run. It may
  // wait for the far end.
  using MayGoOn = std::function<bool(uint64_t sent)>;

  Job(const Stream& stream, int socket, MayGoOn may_go_on);

  // The next packets, at most `max_packets`, for one call; those handed out before were sent.
  Part next(size_t max_packets = 1);
  // The header of packet number `packet`: what an application has to make. The timestamp is
  // counted, not read from a clock, which is the cheapest there is.
  zc_rtp_header header(uint64_t packet) const;
  // So many packets, each with `header_bytes` before its payload, go into one call with
  // UDP_SEGMENT.
  size_t packets_per_datagram(size_t header_bytes) const;

  // The file's memory at that offset, for methods that must not pay for mapping it.
  char* premapped(off_t offset) const {
    return reinterpret_cast<char*>(const_cast<uint8_t*>(stream_.mapped.data())) + offset;
  }

  // What is lent to packets, and must stay as it is until the far end has seen them.
  void keep(std::shared_ptr<const void> lent) { lent_.push_back(std::move(lent)); }

  uint64_t taken() const { return sent_; }  // packets that next() handed out
  const Stream& stream() const { return stream_; }
  int socket() const { return socket_; }  // connected, not owned
  Kernel& kernel() { return kernel_; }
  const Kernel& kernel() const { return kernel_; }

  // Sends that asked not to be copied (MSG_ZEROCOPY, SEND_ZC), and those the kernel copied all the
  // same.
  uint64_t zerocopy_sends = 0;
  uint64_t zerocopy_copied = 0;

 private:
  Stream stream_;
  int socket_;
  MayGoOn may_go_on_;
  Kernel kernel_;
  std::vector<std::shared_ptr<const void>> lent_;
  uint64_t sent_ = 0;
  uint64_t slot_;            // of the file, the next one
  uint64_t next_check_ = 0;  // value of sent_ at which may_go_on_ is asked again
  uint16_t first_seq_;
  uint32_t first_timestamp_;
  uint32_t ssrc_;
};

}  // namespace zc::bench
