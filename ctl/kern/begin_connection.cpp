// SPDX-License-Identifier: GPL-2.0-only
#include "begin_connection.h"

#include <arpa/inet.h>

#include <cstring>
#include <random>

#include "monotonic.h"
#include "zc/clock.h"
#include "zc/wire/rtp.h"

namespace zc::kern {
namespace {

uint32_t random_word() {
  static std::random_device device;
  return device();
}

bool counts(const zc_options& options) {  // zc_clock_counts
  return options.how.timestamp >= ZC_TIMESTAMP_SAMPLES;
}

void put(const Endpoint& endpoint, __be32 (&address)[4], __be16& port) {
  std::memcpy(address, endpoint.address.data(), sizeof(address));
  port = htons(endpoint.port);
}

}  // namespace

void begin_stream(zc_stream& stream, uint32_t rule_id, const zc_rule& rule) {
  const zc_options& options = rule.options;
  const int flags = options.how.flags;
  const uint64_t now_ns = monotonic_ns();
  const uint32_t seq =
      flags & ZC_RULE_FIXED_SEQ ? options.first_seq : random_word() & ZC_RTP_SEQ_START_MASK;
  const uint32_t ts = flags & ZC_RULE_FIXED_TS ? options.first_ts : random_word();
  stream.next_seq = stream.first_seq = seq;
  stream.octets = 0;
  stream.last_ns = now_ns;
  stream.last_ts = ts;
  stream.mapping = zc_mapping(ts, now_ns);
  stream.ts_base = counts(options) ? ts : ts - zc_ticks(now_ns, options.ticks_q64);
  stream.ssrc = flags & ZC_RULE_FIXED_SSRC ? options.first_ssrc : random_word();
  stream.rule = rule_id;
}

zc_connection begin_connection(uint32_t slot, uint32_t rule_id, const api::FramedRule& rule,
                               const zc_stream& stream) {
  zc_connection connection{};
  connection.slot = slot;
  connection.rule = rule_id;
  zc_frame_style& style = connection.style;
  style.framing = rule.framing;
  style.how.word = rule.rule.options.how.word;
  style.first_seq = stream.first_seq;
  style.ticks_q64 = rule.rule.options.ticks_q64;
  style.ticks_whole = rule.rule.options.ticks_whole;
  style.ssrc = stream.ssrc;
  style.pcr_pid = rule.rule.options.pcr_pid;
  if (rule.framing.skip == ZC_SKIP_BYTES) connection.head.left = rule.framing.skip_bytes;
  connection.message.rest = ZC_MESSAGE_GONE;
  return connection;
}

zc_connected connected_of(const api::Connection& connection) {
  zc_connected connected{};
  connected.flow.family = connection.peer.family == Family::kIpv4 ? ZC_IPV4 : ZC_IPV6;
  put(connection.peer, connected.flow.daddr, connected.flow.dport);
  put(connection.local, connected.flow.saddr, connected.flow.sport);
  connected.netns_cookie = connection.netns_cookie;
  return connected;
}

}  // namespace zc::kern
