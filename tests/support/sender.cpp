// SPDX-License-Identifier: GPL-2.0-only
#include "support/sender.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "support/packet.h"

namespace zc::test {
namespace {

constexpr int kPipeBytes = 128 * 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Short writes do not happen to datagrams: one is an error too.
void expect_all(ssize_t done, size_t wanted, const char* what) {
  if (done < 0) fail(what);
  if (static_cast<size_t>(done) != wanted) {
    errno = EMSGSIZE;
    fail(what);
  }
}

size_t head_bytes(size_t count, size_t head) {
  return std::min(std::max<size_t>(head, 1), count);
}

Fd open_frame_socket(bool with_vnet) {
  Fd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) fail("AF_PACKET socket");
  const int on = with_vnet ? 1 : 0;
  if (setsockopt(fd.get(), SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) != 0)
    fail("PACKET_VNET_HDR");
  return fd;
}

}  // namespace

PayloadFile::PayloadFile(Bytes bytes)
    : bytes_(std::move(bytes)), fd_(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
  if (!fd_) fail("a file in /tmp");
  expect_all(write(fd_.get(), bytes_.data(), bytes_.size()), bytes_.size(), "writing to /tmp");
}

const char* to_string(Way way) {
  switch (way) {
    case Way::kSend:
      return "send";
    case Way::kSendfile:
      return "sendfile";
    case Way::kSplice:
      return "splice";
    case Way::kMore:
      return "send(MSG_MORE)+send";
    case Way::kMoreSendfile:
      return "send(MSG_MORE)+sendfile";
    case Way::kCorkSendfile:
      return "cork+send+sendfile";
  }
  return "?";
}

bool is_corked(Way way) {
  return way == Way::kMore || way == Way::kMoreSendfile || way == Way::kCorkSendfile;
}

bool kernel_missums(Way way, size_t offset, size_t count, size_t head) {
  constexpr size_t kPageBytes = 4096;
  if (way == Way::kSend || way == Way::kMore) return false;
  const size_t skipped = is_corked(way) ? head_bytes(count, head) : 0;
  const size_t in_first_page = kPageBytes - (offset + skipped) % kPageBytes;
  return count - skipped > in_first_page && in_first_page % 2 != 0;
}

UdpSocket::UdpSocket(const std::string& to, const UdpOptions& options)
    : fd_(socket(socket_address(to).storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      to_(socket_address(to)),
      connected_(options.connected) {
  if (!fd_) fail("UDP socket");
  if (options.no_check) set_option(SOL_SOCKET, SO_NO_CHECK, 1);
  if (!options.device.empty()) {
    const auto* name = reinterpret_cast<const uint8_t*>(options.device.data());
    set_option(SOL_SOCKET, SO_BINDTODEVICE, ByteView(name, options.device.size()));
  }
  if (!options.from.empty()) {
    const SocketAddress from = socket_address(options.from);
    if (bind(fd_.get(), from.get(), from.length) != 0) fail("bind");
  }
  if (connected_ && connect(fd_.get(), to_.get(), to_.length) != 0) fail("connect");
}

void UdpSocket::send(Way way, const PayloadFile& file, size_t offset, size_t count, size_t head) {
  const size_t first = head_bytes(count, head);
  switch (way) {
    case Way::kSend:
      return send_part(file.part(offset, count), 0);
    case Way::kSendfile:
      return send_file(file, offset, count);
    case Way::kSplice:
      return splice_file(file, offset, count);
    case Way::kMore:
      send_part(file.part(offset, first), MSG_MORE);
      return send_part(file.part(offset + first, count - first), 0);
    case Way::kMoreSendfile:
      send_part(file.part(offset, first), MSG_MORE);
      if (first == count) return send_part({}, 0);  // sendfile of nothing would not end it
      return send_file(file, offset + first, count - first);
    case Way::kCorkSendfile:
      set_option(IPPROTO_UDP, UDP_CORK, 1);
      send_part(file.part(offset, first), 0);
      send_file(file, offset + first, count - first);
      return set_option(IPPROTO_UDP, UDP_CORK, 0);
  }
}

void UdpSocket::send(ByteView payload) {
  send_part(payload, 0);
}

void UdpSocket::send_part(ByteView payload, int flags) {
  const ssize_t sent =
      connected_ ? ::send(fd_.get(), payload.data(), payload.size(), flags)
                 : sendto(fd_.get(), payload.data(), payload.size(), flags, to_.get(), to_.length);
  expect_all(sent, payload.size(), "send");
}

void UdpSocket::send_file(const PayloadFile& file, size_t offset, size_t count) {
  if (count == 0) return;
  auto position = static_cast<off_t>(offset);
  expect_all(sendfile(fd_.get(), file.fd(), &position, count), count, "sendfile");
}

void UdpSocket::splice_file(const PayloadFile& file, size_t offset, size_t count) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  const Fd read_end(ends[0]);
  const Fd write_end(ends[1]);
  // The largest datagram may touch 17 pages; a pipe holds 16.
  if (fcntl(write_end.get(), F_SETPIPE_SZ, kPipeBytes) < 0) fail("F_SETPIPE_SZ");
  auto position = static_cast<off_t>(offset);
  expect_all(splice(file.fd(), &position, write_end.get(), nullptr, count, 0), count,
             "splice from the file");
  expect_all(splice(read_end.get(), nullptr, fd_.get(), nullptr, count, 0), count,
             "splice to the socket");
}

void UdpSocket::set_option(int level, int name, int value) {
  if (setsockopt(fd_.get(), level, name, &value, sizeof(value)) != 0) fail("setsockopt");
}

void UdpSocket::set_option(int level, int name, ByteView value) {
  if (setsockopt(fd_.get(), level, name, value.data(), static_cast<socklen_t>(value.size())) != 0)
    fail("setsockopt");
}

std::string UdpSocket::local() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&storage), &length) != 0)
    fail("getsockname");
  return endpoint_text(storage);
}

FrameSocket::FrameSocket()
    : plain_(open_frame_socket(false)), with_vnet_(open_frame_socket(true)) {}

int FrameSocket::send(unsigned ifindex, ByteView frame, const std::optional<VnetHeader>& vnet,
                      uint16_t protocol) {
  Bytes message = vnet ? encode_vnet_header(*vnet, VnetHeader::kBytes) : Bytes{};
  append(message, frame);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = static_cast<int>(ifindex);
  const Fd& fd = vnet ? with_vnet_ : plain_;
  const ssize_t sent = sendto(fd.get(), message.data(), message.size(), 0,
                              reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return sent < 0 ? errno : 0;
}

}  // namespace zc::test
