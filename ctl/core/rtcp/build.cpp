// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include <algorithm>

#include "core/rtcp/packet.h"
#include "zc/wire/rtcp.h"

namespace zc::core::rtcp {
namespace {

constexpr size_t kWord = 4;
constexpr size_t kLongestItem = 255;

template <typename Value>
void append(Bytes& out, const Value& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof(value));
}

void append_word(Bytes& out, uint32_t word) {
  append(out, htonl(word));
}

// `bytes`: of the packet, header included.
void append_header(Bytes& out, zc_rtcp_type type, uint8_t count, size_t bytes) {
  zc_rtcp_header header{};
  header.v_p_count = static_cast<uint8_t>(ZC_RTCP_VERSION_2 | count);
  header.type = static_cast<uint8_t>(type);
  header.words = htons(static_cast<uint16_t>(bytes / kWord - 1));
  append(out, header);
}

}  // namespace

void put_sender_report(Bytes& out, uint32_t ssrc, const SenderInfo& info) {
  append_header(out, ZC_RTCP_SR, 0, sizeof(zc_rtcp_header) + kWord + sizeof(zc_rtcp_sender_info));
  append_word(out, ssrc);
  append_word(out, static_cast<uint32_t>(info.ntp >> 32));
  append_word(out, static_cast<uint32_t>(info.ntp));
  append_word(out, info.rtp);
  append_word(out, info.packets);
  append_word(out, info.octets);
}

void put_empty_report(Bytes& out, uint32_t ssrc) {
  append_header(out, ZC_RTCP_RR, 0, sizeof(zc_rtcp_header) + kWord);
  append_word(out, ssrc);
}

// A chunk ends with at least one zero byte, at a multiple of four (RFC 3550 6.5).
void put_cname(Bytes& out, uint32_t ssrc, std::string_view cname) {
  const size_t length = std::min(cname.size(), kLongestItem);
  const size_t items = 2 + length + 1;
  const size_t padded = (items + kWord - 1) / kWord * kWord;
  append_header(out, ZC_RTCP_SDES, 1, sizeof(zc_rtcp_header) + kWord + padded);
  append_word(out, ssrc);
  out.push_back(ZC_RTCP_SDES_CNAME);
  out.push_back(static_cast<uint8_t>(length));
  out.insert(out.end(), cname.begin(), cname.begin() + static_cast<ptrdiff_t>(length));
  out.resize(out.size() + padded - 2 - length);
}

void put_bye(Bytes& out, uint32_t ssrc) {
  append_header(out, ZC_RTCP_BYE, 1, sizeof(zc_rtcp_header) + kWord);
  append_word(out, ssrc);
}

}  // namespace zc::core::rtcp
