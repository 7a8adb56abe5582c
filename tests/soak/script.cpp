// SPDX-License-Identifier: GPL-2.0-only
#include "soak/script.h"

#include <algorithm>
#include <array>

namespace zc::test {
namespace {

struct RuleKind {
  Family family;
  const char* checksum;
  bool no_checksum;
  bool extension;
};

// What `attach` takes on a device that follows csum_start.
constexpr std::array kRuleKinds{
    RuleKind{Family::kIpv4, "auto", false, true}, RuleKind{Family::kIpv6, "auto", false, true},
    RuleKind{Family::kIpv4, "uni", false, true},  RuleKind{Family::kIpv6, "uni", false, true},
    RuleKind{Family::kIpv4, "sum", false, false}, RuleKind{Family::kIpv6, "sum", false, false},
    RuleKind{Family::kIpv4, "lco", false, true},  RuleKind{Family::kIpv6, "lco", false, true},
    RuleKind{Family::kIpv4, "zero", true, false}};
constexpr uint16_t kFirstPort = 5004;

struct Manner {
  Way way;
  unsigned segment;
  std::vector<unsigned> calls;
};

// TS packets, audio, odd sizes, pieces of both ends of the size scale and short last ones. At least
// 64 bytes each: what zero can cut (docs/checksums.md). At most 64 pieces and 65,507 bytes a call.
const std::vector<Manner>& manners() {
  static const std::vector<Manner> all{
      {Way::kSendfile, 0, {1316}},
      {Way::kSendfile, 1316, {46 * 1316, 7 * 1316 + 658, 1316}},
      {Way::kSend, 0, {160, 160, 1388, 64, 65, 1001}},
      {Way::kSend, 1316, {20 * 1316, 3 * 1316 + 64}},
      {Way::kSplice, 0, {188, 376, 564, 1316}},
      {Way::kSendfile, 188, {64 * 188, 33 * 188 + 100}},
      {Way::kMore, 0, {333, 777, 1111}},
      {Way::kSendfile, 1388, {47 * 1388, 2 * 1388 + 1001}},
      {Way::kSendfile, 0, {1001, 1387, 77}},
      {Way::kSend, 1001, {60 * 1001 + 333, 5 * 1001}},
  };
  return all;
}

std::string endpoint(Family family, const char* v4, const char* v6, uint16_t port) {
  const std::string number = std::to_string(port);
  return family == Family::kIpv4 ? v4 + (":" + number) : "[" + std::string(v6) + "]:" + number;
}

}  // namespace

std::string SoakRule::to() const {
  return endpoint(family, kSoakPeer4, kSoakPeer6, port);
}
std::string SoakStream::from() const {
  return endpoint(family, kSoakSource4, kSoakSource6, source_port);
}
std::string SoakStream::to() const {
  return endpoint(family, kSoakPeer4, kSoakPeer6, port);
}

std::vector<SoakRule> soak_rules() {
  std::vector<SoakRule> rules;
  for (const RuleKind& kind : kRuleKinds) {
    const auto port = static_cast<uint16_t>(kFirstPort + 2 * rules.size());
    rules.push_back({kind.family, kind.checksum, port});
  }
  return rules;
}

std::vector<SoakStream> soak_streams(size_t count) {
  const std::vector<SoakRule> rules = soak_rules();
  std::vector<SoakStream> streams;
  for (size_t i = 0; i < count; i++) {
    const size_t rule = i % rules.size();
    const Manner& manner = manners()[i / rules.size() % manners().size()];
    streams.push_back({.rule = rule,
                       .family = rules[rule].family,
                       .source_port = static_cast<uint16_t>(kFirstSourcePort + i),
                       .port = rules[rule].port,
                       .way = manner.way,
                       .no_checksum = kRuleKinds[rule].no_checksum,
                       .extension = kRuleKinds[rule].extension,
                       .segment = manner.segment,
                       .calls = manner.calls});
  }
  return streams;
}

Part Calls::next() {
  const size_t bytes = (*sizes_)[index_++ % sizes_->size()];
  if (offset_ + bytes > file_bytes_) offset_ = 0;
  const Part part{offset_, bytes};
  offset_ += bytes;
  return part;
}

Part Datagrams::next() {
  if (left_.bytes == 0) left_ = calls_.next();
  const size_t bytes = segment_ == 0 ? left_.bytes : std::min<size_t>(segment_, left_.bytes);
  const Part part{left_.offset, bytes};
  left_ = {left_.offset + bytes, left_.bytes - bytes};
  return part;
}

size_t datagrams_of(const SoakStream& stream, size_t bytes) {
  return stream.segment == 0 ? 1 : (bytes + stream.segment - 1) / stream.segment;
}

}  // namespace zc::test
