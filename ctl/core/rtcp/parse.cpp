// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include <cstring>

#include "core/rtcp/packet.h"
#include "zc/wire/rtcp.h"

namespace zc::core::rtcp {
namespace {

using View = std::span<const uint8_t>;
constexpr size_t kWord = 4;

uint32_t word_at(View bytes, size_t offset) {
  uint32_t word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof(word));
  return ntohl(word);
}

// Sign-extends 24 bits.
int32_t signed_24(uint32_t word) {
  const auto value = static_cast<int32_t>(word & 0xffffff);
  return value & 0x800000 ? value - 0x1000000 : value;
}

ReportBlock read_block(View bytes, uint32_t reporter) {
  ReportBlock block;
  block.reporter = reporter;
  block.ssrc = word_at(bytes, 0);
  block.fraction = bytes[4];
  block.cumulative = signed_24(word_at(bytes, 4));
  block.highest = word_at(bytes, 8);
  block.jitter = word_at(bytes, 12);
  block.lsr = word_at(bytes, 16);
  block.dlsr = word_at(bytes, 20);
  return block;
}

// `body`: behind the header, without padding. What follows the blocks is a profile's own.
Flaw read_report(View body, size_t blocks, bool of_sender, Compound& compound) {
  const size_t fixed = kWord + (of_sender ? sizeof(zc_rtcp_sender_info) : 0);
  if (body.size() < fixed + blocks * sizeof(zc_rtcp_report_block)) return Flaw::kReport;
  const uint32_t reporter = word_at(body, 0);
  if (of_sender) compound.senders.push_back(reporter);
  for (size_t i = 0; i < blocks; i++)
    compound.blocks.push_back(
        read_block(body.subspan(fixed + i * sizeof(zc_rtcp_report_block)), reporter));
  return Flaw::kNone;
}

// Passes over the items of a chunk; 0: they do not end in it. Its end is a multiple of four bytes.
size_t chunk_end(View body, size_t at) {
  while (at < body.size() && body[at] != ZC_RTCP_SDES_END) {
    if (at + 2 > body.size()) return 0;
    at += 2 + size_t{body[at + 1]};
  }
  if (at >= body.size()) return 0;
  return at / kWord * kWord + kWord;
}

// Nothing in it is needed; it is read for its shape.
Flaw check_sdes(View body, size_t chunks) {
  size_t at = 0;
  for (size_t i = 0; i < chunks; i++) {
    if (at + kWord > body.size()) return Flaw::kSdes;
    at = chunk_end(body, at + kWord);
    if (at == 0 || at > body.size()) return Flaw::kSdes;
  }
  return Flaw::kNone;
}

Flaw read_bye(View body, size_t sources, Compound& compound) {
  const size_t fixed = sources * kWord;
  if (body.size() < fixed) return Flaw::kBye;
  for (size_t i = 0; i < sources; i++)
    compound.byes.push_back(word_at(body, i * kWord));
  if (body.size() > fixed && body.size() - fixed < 1 + size_t{body[fixed]}) return Flaw::kBye;
  return Flaw::kNone;
}

Flaw read_packet(const zc_rtcp_header& header, View body, Compound& compound) {
  const size_t count = header.v_p_count & ZC_RTCP_COUNT_MASK;
  switch (header.type) {
    case ZC_RTCP_SR:
      return read_report(body, count, true, compound);
    case ZC_RTCP_RR:
      return read_report(body, count, false, compound);
    case ZC_RTCP_SDES:
      return check_sdes(body, count);
    case ZC_RTCP_BYE:
      return read_bye(body, count, compound);
    default:
      compound.unknown++;
      return Flaw::kNone;
  }
}

// Takes the padding off; false: it is wrong. Its last byte says how long it is, in whole words.
bool strip_padding(View& body) {
  if (body.empty()) return false;
  const size_t padding = body.back();
  if (padding == 0 || padding % kWord != 0 || padding > body.size()) return false;
  body = body.first(body.size() - padding);
  return true;
}

// Takes one packet from the front of `rest`.
Flaw take_packet(View& rest, Compound& compound) {
  zc_rtcp_header header{};
  if (rest.size() < sizeof(header)) return Flaw::kShort;
  std::memcpy(&header, rest.data(), sizeof(header));
  if ((header.v_p_count & 0xc0) != ZC_RTCP_VERSION_2) return Flaw::kVersion;
  if (header.type < ZC_RTCP_LOWEST || header.type > ZC_RTCP_HIGHEST) return Flaw::kType;
  const size_t bytes = (size_t{ntohs(header.words)} + 1) * kWord;
  if (bytes > rest.size()) return Flaw::kLength;
  View body = rest.first(bytes).subspan(sizeof(header));
  rest = rest.subspan(bytes);
  if (header.v_p_count & ZC_RTCP_PADDING_BIT) {
    if (!rest.empty() || !strip_padding(body)) return Flaw::kPadding;
  }
  return read_packet(header, body, compound);
}

}  // namespace

const char* to_string(Flaw flaw) {
  constexpr const char* kNames[kFlaws] = {"none",    "short",  "version", "type", "length",
                                          "padding", "report", "sdes",    "bye"};
  return kNames[static_cast<size_t>(flaw)];
}

Flaw parse(std::span<const uint8_t> datagram, Compound& compound) {
  compound.blocks.clear();
  compound.senders.clear();
  compound.byes.clear();
  compound.unknown = 0;
  if (datagram.size() < sizeof(zc_rtcp_header)) return Flaw::kShort;
  compound.reduced = datagram[1] != ZC_RTCP_SR && datagram[1] != ZC_RTCP_RR;
  for (View rest = datagram; !rest.empty();) {
    const Flaw flaw = take_packet(rest, compound);
    if (flaw != Flaw::kNone) return flaw;
  }
  return Flaw::kNone;
}

}  // namespace zc::core::rtcp
