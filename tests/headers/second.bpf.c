// SPDX-License-Identifier: GPL-2.0-only
/* A second program that shares the engine, as one for TCP would: it has no packet and no device,
 * finds a stream by its flow and has an RTP header made. Compiled, never loaded. */
#include "maps/rules.h"
#include "maps/streams.h"
#include "rtp/count.h"
#include "rtp/rule.h"
#include "rtp/stamp.h"
#include "rtp/stream.h"

char LICENSE[] SEC("license") = "GPL";

SEC("sk_msg")
int second(struct sk_msg_md* message) {
  struct zc_flow flow = {.family = ZC_IPV4};
  struct zc_rtp_header header = {};
  struct zc_stream* stream = zc_stream_at(zc_slot_find(&flow));
  __u32 rule_id = stream ? stream->rule : zc_rule_find(&flow);
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return 0;
  if (!stream) stream = zc_stream_at(zc_stream_create(&flow, rule_id, bpf_ktime_get_ns()));
  if (!stream) return 0;

  struct zc_timing timing = {.now_ns = bpf_ktime_get_ns()};
  zc_clock_of_rule(&rule->options, &timing);
  timing.timestamp = zc_wall_ticks(stream, timing.now_ns, timing.ticks_q64);
  zc_stamp(stream, rule->options.how, &timing, 0, &header);
  zc_count(rule_id, ZC_VERDICT_no_room);
  return message != NULL && header.seq;
}
