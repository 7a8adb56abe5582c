/* SPDX-License-Identifier: GPL-2.0-only */
/* The first packet of a flow: where its stream comes from, and what the stream remembers of it. */
#ifndef ZC_EGRESS_BEGIN_H
#define ZC_EGRESS_BEGIN_H

#include "egress/parse.h"
#include "rtp/continue.h"
#include "rtp/stream.h"

/* How the app sends, for who sends beside it (RTCP): read here only. */
static __always_inline void zc_note_ip(struct __sk_buff* skb, const struct zc_packet* pkt,
                                       struct zc_stream* stream) {
  if (pkt->flow.family == ZC_IPV4) {
    struct iphdr ip;
    if (!zc_read(skb, pkt->l3_off, &ip)) return;
    stream->ttl = ip.ttl;
    stream->tos = ip.tos;
  } else {
    struct ipv6hdr ip;
    if (!zc_read(skb, pkt->l3_off, &ip)) return;
    stream->ttl = ip.hop_limit;
    stream->tos = ip.priority << 4 | ip.flow_lbl[0] >> 4; /* RFC 8200 3: traffic class */
  }
}

/* The slot of a stream for a packet that has none; ZC_NO_SLOT where the table is full. */
__noinline __u32 zc_begin(struct __sk_buff* skb, const struct zc_packet* pkt, __u32 rule_id,
                          __u64 now_ns) {
  if (!pkt) return ZC_NO_SLOT; /* never: for the verifier */
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return ZC_NO_SLOT;
  __u32 slot = rule->options.how.flags & ZC_RULE_CONTINUE
                   ? zc_stream_continue(&pkt->flow, rule_id, now_ns)
                   : zc_stream_create(&pkt->flow, rule_id, now_ns);
  struct zc_stream* stream = zc_stream_at(slot);
  if (stream) zc_note_ip(skb, pkt, stream);
  return slot;
}

#endif /* ZC_EGRESS_BEGIN_H */
