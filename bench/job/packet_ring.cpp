// SPDX-License-Identifier: GPL-2.0-only
#include "job/packet_ring.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>

#include "job/vnet_header.h"

namespace zc::bench {
namespace {

// Where the kernel looks for a frame in its slot.
constexpr size_t kDataStart = TPACKET2_HDRLEN - sizeof(sockaddr_ll);
constexpr size_t kSmallestSlot = 2048;
constexpr size_t kBlockBytes = 1 << 18;
constexpr int kMostKicks = 100000;

bool set(int socket, int name, int value) {
  return setsockopt(socket, SOL_PACKET, name, &value, sizeof(value)) == 0;
}

std::atomic_ref<uint32_t> status_of(char* slot) {
  return std::atomic_ref<uint32_t>(reinterpret_cast<tpacket2_hdr*>(slot)->tp_status);
}

}  // namespace

std::string packet_ring_missing() {
  const Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (socket && set(socket.get(), PACKET_VERSION, TPACKET_V2) &&
      set(socket.get(), PACKET_VNET_HDR, 1) && set(socket.get(), PACKET_QDISC_BYPASS, 1))
    return {};
  return std::string("AF_PACKET: ") + std::strerror(errno);
}

PacketRing::PacketRing(Job& job, size_t frame_bytes) : job_(job) {
  open(frame_bytes);
  if (ring_ == nullptr) job.kernel().fail(std::string("packet ring: ") + std::strerror(errno));
}

void PacketRing::open(size_t frame_bytes) {
  slot_bytes_ =
      std::max(kSmallestSlot, std::bit_ceil(kDataStart + sizeof(VnetHeader) + frame_bytes));
  tpacket_req wanted{};
  wanted.tp_block_size = kBlockBytes;
  wanted.tp_frame_size = static_cast<unsigned>(slot_bytes_);
  wanted.tp_frame_nr = kFrames;
  wanted.tp_block_nr = static_cast<unsigned>(kFrames * slot_bytes_ / kBlockBytes);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(if_nametoindex(job_.stream().device));
  // Protocol 0: it shall not receive.
  socket_ = Fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  const int fd = socket_.get();
  if (!socket_ || !set(fd, PACKET_VERSION, TPACKET_V2) || !set(fd, PACKET_VNET_HDR, 1) ||
      !set(fd, PACKET_QDISC_BYPASS, 1) ||
      setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &wanted, sizeof(wanted)) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return;
  void* const where =
      mmap(nullptr, kFrames * slot_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (where != MAP_FAILED) ring_ = static_cast<char*>(where);
}

PacketRing::~PacketRing() {
  if (ring_ != nullptr) munmap(ring_, kFrames * slot_bytes_);
}

char* PacketRing::frame() {
  if (ring_ == nullptr) return nullptr;
  for (int kicks = 0; kicks < kMostKicks; kicks++) {
    const uint32_t status = status_of(slot()).load(std::memory_order_acquire);
    if (status == TP_STATUS_AVAILABLE) return slot() + kDataStart + sizeof(VnetHeader);
    if ((status & TP_STATUS_WRONG_FORMAT) != 0) break;
    send();
  }
  job_.kernel().fail("packet ring: the kernel gives no frame back");
  return nullptr;
}

void PacketRing::ready(size_t bytes, size_t sum_start, size_t sum_offset) {
  VnetHeader request;
  request.flags = VnetHeader::kNeedsChecksum;
  request.header_bytes = static_cast<uint16_t>(sum_start + sum_offset + sizeof(uint16_t));
  request.csum_start = static_cast<uint16_t>(sum_start);
  request.csum_offset = static_cast<uint16_t>(sum_offset);
  std::memcpy(slot() + kDataStart, &request, sizeof(request));
  reinterpret_cast<tpacket2_hdr*>(slot())->tp_len = static_cast<uint32_t>(sizeof(request) + bytes);
  status_of(slot()).store(TP_STATUS_SEND_REQUEST, std::memory_order_release);
  next_ = (next_ + 1) % kFrames;
}

// A call may end early, where the socket's buffer is full. The kernel takes frames in order: when
// the newest is taken, all are.
void PacketRing::send() {
  if (ring_ == nullptr) return;
  char* const newest = ring_ + (next_ + kFrames - 1) % kFrames * slot_bytes_;
  for (int kicks = 0; kicks < kMostKicks && job_.kernel().ok(); kicks++) {
    (void)job_.kernel().kick(socket_.get(), MSG_DONTWAIT);
    if (status_of(newest).load(std::memory_order_acquire) != TP_STATUS_SEND_REQUEST) return;
  }
  job_.kernel().fail("packet ring: the kernel takes no frame");
}

}  // namespace zc::bench
