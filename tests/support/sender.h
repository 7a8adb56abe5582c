// SPDX-License-Identifier: GPL-2.0-only
// Applications as they are: UDP sockets and every way to hand them a payload; raw frames beside
// them. Knows nothing of RTP or zcctl.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/fd.h"
#include "support/bytes.h"
#include "support/endpoint.h"
#include "support/virtio_net.h"

namespace zc::test {

// A real file, removed with its last descriptor, and the bytes it holds.
class PayloadFile {
 public:
  // Throws std::system_error.
  explicit PayloadFile(Bytes bytes);

  const Bytes& bytes() const { return bytes_; }
  int fd() const { return fd_.get(); }
  ByteView part(size_t offset, size_t count) const {
    return ByteView(bytes_).subspan(offset, count);
  }

 private:
  Bytes bytes_;
  Fd fd_;
};

// How one datagram reaches the kernel.
enum class Way : uint8_t {
  kSend,
  kSendfile,
  kSplice,        // file → pipe → socket
  kMore,          // send(MSG_MORE) + send: the kernel makes the checksum itself
  kMoreSendfile,  // send(MSG_MORE) + sendfile
  kCorkSendfile,  // UDP_CORK, send + sendfile, uncork
};
inline constexpr std::array kAllWays{Way::kSend, Way::kSendfile,     Way::kSplice,
                                     Way::kMore, Way::kMoreSendfile, Way::kCorkSendfile};
const char* to_string(Way way);
// Does this way make the kernel sum the bytes, whatever the device offers?
bool is_corked(Way way);

// Is the kernel's own checksum of such a datagram wrong, without any help of ours? Where it sums
// file pages itself (no offload, or a corked way) and an odd number of bytes lies before a page
// boundary, skb_splice_csum_page adds the next page at the wrong parity. Seen on 6.18; since 6.5.
bool kernel_missums(Way way, size_t offset, size_t count, size_t head = 1);

struct UdpOptions {
  std::string from{};     // "10.9.0.1:40000"; empty: the kernel chooses
  bool connected = true;  // otherwise only kSend and kMore work
  bool no_check = false;  // SO_NO_CHECK: IPv4 datagrams without a checksum
  std::string device{};   // SO_BINDTODEVICE
};

class UdpSocket {
 public:
  // Throws std::system_error, as all below.
  explicit UdpSocket(const std::string& to, const UdpOptions& options = {});

  // One datagram of `count` bytes from `offset` of the file. The corked ways send the first
  // `head` bytes by themselves; 0 and more than `count` are put right.
  void send(Way way, const PayloadFile& file, size_t offset, size_t count, size_t head = 1);
  void send(ByteView payload);

  void set_option(int level, int name, int value);
  void set_option(int level, int name, ByteView value);
  std::string local() const;  // "10.9.0.1:40000"

 private:
  void send_part(ByteView payload, int flags);
  void send_file(const PayloadFile& file, size_t offset, size_t count);
  void splice_file(const PayloadFile& file, size_t offset, size_t count);

  Fd fd_;
  SocketAddress to_;
  bool connected_;
};

// Sends whole frames (AF_PACKET). Closing one waits for the kernel (RCU): keep it.
class FrameSocket {
 public:
  FrameSocket();

  // `vnet` makes the kernel take the frame's checksum request (PACKET_VNET_HDR). A `protocol` of
  // 0 lets the kernel read it from the frame. Returns errno: the kernel refuses some requests.
  int send(unsigned ifindex, ByteView frame, const std::optional<VnetHeader>& vnet = {},
           uint16_t protocol = 0);

 private:
  Fd plain_;
  Fd with_vnet_;
};

}  // namespace zc::test
