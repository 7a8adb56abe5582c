// SPDX-License-Identifier: GPL-2.0-only
#include "job/udp_frame.h"

#include <arpa/inet.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <cstring>

#include "job/far_end.h"

namespace zc::bench {
namespace {

constexpr uint16_t kSourcePort = 40000;
constexpr size_t kIpStart = sizeof(ether_header);

uint16_t fold(uint64_t sum) {
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

ether_header ethernet() {
  ether_header header{};
  std::memcpy(header.ether_shost, ether_aton(kNearMac), ETH_ALEN);
  std::memcpy(header.ether_dhost, ether_aton(kFarMac), ETH_ALEN);
  header.ether_type = htons(ETHERTYPE_IP);
  return header;
}

iphdr ip(size_t udp_bytes) {
  iphdr header{};
  header.version = 4;
  header.ihl = sizeof(header) / 4;
  header.tot_len = htons(static_cast<uint16_t>(sizeof(header) + udp_bytes));
  header.frag_off = htons(IP_DF);
  header.ttl = IPDEFTTL;
  header.protocol = IPPROTO_UDP;
  inet_pton(AF_INET, kNearAddress, &header.saddr);
  inet_pton(AF_INET, kFarAddress, &header.daddr);
  header.check =
      static_cast<uint16_t>(~internet_sum(reinterpret_cast<char*>(&header), sizeof(header), 0));
  return header;
}

}  // namespace

uint16_t internet_sum(const char* bytes, size_t count, uint64_t sum) {
  size_t i = 0;
  // Four independent 32-bit sums a turn: no carry to wait for.
  for (; i + 16 <= count; i += 16) {
    std::array<uint32_t, 4> words{};
    std::memcpy(words.data(), bytes + i, sizeof(words));
    sum += static_cast<uint64_t>(words[0]) + words[1] + words[2] + words[3];
  }
  for (; i + 2 <= count; i += 2) {
    uint16_t word = 0;
    std::memcpy(&word, bytes + i, sizeof(word));
    sum += word;
  }
  if (i < count) {
    uint16_t word = 0;
    std::memcpy(&word, bytes + i, 1);
    sum += word;
  }
  return fold(sum);
}

UdpFrame::UdpFrame(size_t datagram_bytes) : datagram_bytes_(datagram_bytes) {
  const size_t udp_bytes = sizeof(udphdr) + datagram_bytes;
  const ether_header link = ethernet();
  const iphdr network = ip(udp_bytes);
  udphdr transport{};
  transport.source = htons(kSourcePort);
  transport.dest = htons(kPort);
  transport.len = htons(static_cast<uint16_t>(udp_bytes));
  std::memcpy(headers_.data(), &link, sizeof(link));
  std::memcpy(&headers_[kIpStart], &network, sizeof(network));
  const uint64_t pseudo =
      static_cast<uint64_t>(network.saddr) + network.daddr + htons(IPPROTO_UDP) + transport.len;
  header_sum_ = internet_sum(reinterpret_cast<char*>(&transport), sizeof(transport), pseudo);
  transport.check = fold(pseudo);
  std::memcpy(&headers_[kUdpStart], &transport, sizeof(transport));
}

void UdpFrame::write_unsummed(char* to) const {
  std::memcpy(to, headers_.data(), headers_.size());
}

void UdpFrame::write_summed(char* to, const char* datagram) const {
  std::memcpy(to, headers_.data(), headers_.size());
  auto check = static_cast<uint16_t>(~internet_sum(datagram, datagram_bytes_, header_sum_));
  if (check == 0) check = 0xffff;  // RFC 768
  std::memcpy(to + kUdpStart + offsetof(udphdr, check), &check, sizeof(check));
}

}  // namespace zc::bench
