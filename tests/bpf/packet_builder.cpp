// SPDX-License-Identifier: GPL-2.0-only
#include "packet_builder.h"

#include "inet.h"

namespace zc::test {
namespace {

void put16(Bytes& bytes, uint16_t value) {
  bytes.push_back(static_cast<uint8_t>(value >> 8));
  bytes.push_back(static_cast<uint8_t>(value));
}
void set16(Bytes& bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}
void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

}  // namespace

PacketBuilder& PacketBuilder::from(const std::string& address, uint16_t port) {
  source_ = address;
  source_port_ = port;
  return *this;
}
PacketBuilder& PacketBuilder::to(const std::string& address, uint16_t port) {
  destination_ = address;
  destination_port_ = port;
  return *this;
}
PacketBuilder& PacketBuilder::payload(Bytes bytes) {
  payload_ = std::move(bytes);
  return *this;
}
PacketBuilder& PacketBuilder::vlan(uint16_t tag, uint16_t tpid) {
  tags_.emplace_back(tpid, tag);
  return *this;
}
PacketBuilder& PacketBuilder::ethertype(uint16_t type) {
  ethertype_ = type;
  return *this;
}
PacketBuilder& PacketBuilder::protocol(uint8_t number) {
  protocol_ = number;
  return *this;
}
PacketBuilder& PacketBuilder::id(uint16_t number) {
  id_ = number;
  return *this;
}
PacketBuilder& PacketBuilder::flow_label(uint16_t number) {
  flow_label_ = number;
  return *this;
}
PacketBuilder& PacketBuilder::ttl(uint8_t number) {
  ttl_ = number;
  return *this;
}
PacketBuilder& PacketBuilder::tos(uint8_t number) {
  tos_ = number;
  return *this;
}
PacketBuilder& PacketBuilder::ipv4_options(const Bytes& options) {
  options_ = options;
  return *this;
}
PacketBuilder& PacketBuilder::fragment(uint16_t offset_bytes, bool more) {
  fragment_ = static_cast<uint16_t>(offset_bytes / 8 | (more ? 0x2000 : 0));
  return *this;
}
PacketBuilder& PacketBuilder::extension(uint8_t type, const Bytes& body) {
  extensions_.emplace_back(type, body);
  return *this;
}
PacketBuilder& PacketBuilder::without_udp_header() {
  udp_header_ = false;
  return *this;
}
PacketBuilder& PacketBuilder::trailer(Bytes bytes) {
  trailer_ = std::move(bytes);
  return *this;
}
PacketBuilder& PacketBuilder::version(uint8_t number) {
  version_ = number;
  return *this;
}
PacketBuilder& PacketBuilder::ihl(uint8_t words) {
  ihl_ = words;
  return *this;
}
PacketBuilder& PacketBuilder::ip_length(uint16_t length) {
  ip_length_ = length;
  return *this;
}
PacketBuilder& PacketBuilder::udp_length(uint16_t length) {
  udp_length_ = length;
  return *this;
}
PacketBuilder& PacketBuilder::udp_checksum(uint16_t value) {
  udp_checksum_ = value;
  return *this;
}

Bytes PacketBuilder::udp() const {
  if (!udp_header_) return payload_;
  Bytes datagram;
  put16(datagram, source_port_);
  put16(datagram, destination_port_);
  put16(datagram, static_cast<uint16_t>(8 + payload_.size()));
  put16(datagram, 0);
  append(datagram, payload_);
  const auto sum = udp_sum(address_bytes(source_), address_bytes(destination_), datagram);
  const uint16_t check = sum == 0xffff ? 0xffff : static_cast<uint16_t>(~sum);  // RFC 768
  set16(datagram, 6, udp_checksum_.value_or(check));
  set16(datagram, 4, udp_length_.value_or(static_cast<uint16_t>(8 + payload_.size())));
  return datagram;
}

Bytes PacketBuilder::ipv4(size_t upper_bytes) const {
  const size_t header_bytes = 20 + options_.size();
  const auto words = ihl_.value_or(static_cast<uint8_t>(header_bytes / 4));
  Bytes header{static_cast<uint8_t>(version_.value_or(4) << 4 | words), tos_};
  put16(header, ip_length_.value_or(static_cast<uint16_t>(header_bytes + upper_bytes)));
  put16(header, id_);
  put16(header, fragment_);
  append(header, {ttl_, protocol_, 0, 0});
  append(header, address_bytes(source_));
  append(header, address_bytes(destination_));
  append(header, options_);
  set16(header, 10, static_cast<uint16_t>(~ones_complement_sum(header)));
  return header;
}

Bytes PacketBuilder::ipv6(size_t upper_bytes) const {
  Bytes chain;
  for (size_t i = 0; i < extensions_.size(); i++) {
    const bool last = i + 1 == extensions_.size();
    const auto& [type, body] = extensions_[i];
    // Fragment headers have a reserved byte, AH counts in words minus 2, the rest in 8 bytes.
    const size_t bytes = 2 + body.size();
    const size_t length = type == kFragment ? 0 : type == kAuth ? bytes / 4 - 2 : bytes / 8 - 1;
    append(chain, {last ? protocol_ : extensions_[i + 1].first, static_cast<uint8_t>(length)});
    append(chain, body);
  }
  Bytes header{static_cast<uint8_t>(version_.value_or(6) << 4 | tos_ >> 4),
               static_cast<uint8_t>(tos_ << 4)};  // RFC 8200 3
  put16(header, flow_label_);
  put16(header, ip_length_.value_or(static_cast<uint16_t>(chain.size() + upper_bytes)));
  append(header, {extensions_.empty() ? protocol_ : extensions_[0].first, ttl_});
  append(header, address_bytes(source_));
  append(header, address_bytes(destination_));
  append(header, chain);
  return header;
}

Bytes PacketBuilder::build() const {
  Bytes frame = from_hex("020000000902 020000000901");
  for (const auto& [tpid, tag] : tags_) {
    put16(frame, tpid);
    put16(frame, tag);
  }
  put16(frame, ethertype_.value_or(is_ipv6() ? 0x86dd : 0x0800));
  const Bytes upper = udp();
  append(frame, is_ipv6() ? ipv6(upper.size()) : ipv4(upper.size()));
  append(frame, upper);
  append(frame, trailer_);
  return frame;
}

PacketBuilder packet(int family) {
  PacketBuilder builder;
  if (family == 6) builder.from("2001:db8::1", 40000).to("2001:db8::2", 5004);
  return builder;
}

}  // namespace zc::test
