// SPDX-License-Identifier: GPL-2.0-only
/* zc_egress: what happens to a packet on its way out of a device.
 *
 *   parse → may a rule want it? → its stream, or its rule → checks → stream → emit → count
 *                                                                   └ super-packet → stage
 *   a piece that the stage cut comes back here, marked with its stream → headers into its room
 *
 * Whatever matches no rule leaves untouched and as early as possible. Whatever matches leaves
 * with a correct RTP header or not at all. This file is the table of contents; each step has its
 * header. */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "checksum.h"
#include "emit.h"
#include "maps.h"
#include "parse.h"
#include "stamp.h"
#include "stats.h"
#include "stream.h"
#include "super.h"
#include "vlan.h"

#define ZC_MAX_IP_BYTES 0xffff            /* what a length field can say; lo's MTU is larger */
#define ZC_FRAGMENT_LIFE_NS 1000000000ull /* the fragments of a local datagram leave in one go */

char LICENSE[] SEC("license") = "GPL"; /* bpf_skb_adjust_room and the kernel's kfuncs ask for it */

static __always_inline struct zc_fragment zc_fragment_key(const struct zc_packet* pkt) {
  struct zc_fragment key = {.id = pkt->ip_id, .family = pkt->flow.family};
  __builtin_memcpy(key.daddr, pkt->flow.daddr, sizeof(key.daddr));
  __builtin_memcpy(key.saddr, pkt->flow.saddr, sizeof(key.saddr));
  return key;
}

__noinline int zc_fragment_remember(const struct zc_packet* pkt, __u32 rule_id) {
  if (!pkt) return 0;
  struct zc_fragment key = zc_fragment_key(pkt);
  struct zc_fragment_owner owner = {.until_ns = bpf_ktime_get_ns() + ZC_FRAGMENT_LIFE_NS,
                                    .rule = rule_id};
  return bpf_map_update_elem(&zc_fragments, &key, &owner, BPF_ANY);
}

/* A fragment without ports belongs to the rule that took its first fragment, if one did. */
__noinline __u32 zc_fragment_rule(const struct zc_packet* pkt) {
  if (!pkt) return ZC_NO_RULE;
  struct zc_fragment key = zc_fragment_key(pkt);
  struct zc_fragment_owner* owner = bpf_map_lookup_elem(&zc_fragments, &key);
  return owner && bpf_ktime_get_ns() < owner->until_ns ? owner->rule : ZC_NO_RULE;
}

/* Do the IP length, the UDP length and the packet's own agree? */
static __always_inline bool zc_lengths_agree(struct __sk_buff* skb, const struct zc_packet* pkt,
                                             bool partial) {
  struct udphdr udp;
  __u32 l3_header = pkt->l4_off - pkt->l3_off;

  if (!zc_read(skb, pkt->l4_off, &udp) || pkt->l3_bytes < l3_header + sizeof(udp)) return false;
  if (bpf_ntohs(udp.len) != pkt->l3_bytes - l3_header) return false;
  __u32 end = pkt->l3_off + pkt->l3_bytes;
  /* Ethernet padding may follow, but a sum that is still to be made would include it. */
  return partial ? skb->len == end : skb->len >= end;
}

/* Bytes on layer 3 of the longest packet that will leave. */
static __always_inline __u32 zc_stamped_bytes(struct __sk_buff* skb, const struct zc_packet* pkt,
                                              const struct zc_plan* plan) {
  if (!skb->gso_size) return pkt->l3_bytes + plan->room;
  return pkt->l4_off - pkt->l3_off + sizeof(struct udphdr) + skb->gso_size + plan->room;
}

/* Everything that can be wrong, before anything is written. */
static __always_inline enum zc_verdict zc_check(struct __sk_buff* skb, const struct zc_packet* pkt,
                                                __u32 rule_id, struct zc_plan* plan) {
  struct zc_skb_facts facts = {};

  if (pkt->fragment) {
    zc_fragment_remember(pkt, rule_id);
    return ZC_VERDICT_fragment;
  }
  if (pkt->options) return ZC_VERDICT_ip_options;
  if (skb->gso_size && !zc_can_cut(skb)) return ZC_VERDICT_uncut;
  zc_skb_facts(skb, &facts);
  if (!zc_protocol_is_true(skb, pkt)) return ZC_VERDICT_malformed;
  if (!zc_lengths_agree(skb, pkt, facts.ip_summed == CHECKSUM_PARTIAL)) return ZC_VERDICT_malformed;
  __u32 stamped_bytes = zc_stamped_bytes(skb, pkt, plan);
  if (stamped_bytes > facts.mtu || stamped_bytes > ZC_MAX_IP_BYTES) return ZC_VERDICT_oversize;
  return zc_choose_way(pkt, &facts, plan->how.checksum, &plan->way);
}

/* Room and headers for one datagram. */
static __always_inline enum zc_verdict zc_emit(struct __sk_buff* skb, struct zc_packet* pkt,
                                               const struct zc_plan* plan,
                                               struct zc_stream* stream) {
  struct zc_vlan_tag tag = {};

  if (pkt->tags && !zc_tag_lift(skb, pkt, &tag)) return ZC_VERDICT_no_room;
  enum zc_verdict verdict = pkt->flow.family == ZC_IPV4 ? zc_emit_ipv4(skb, pkt, plan, stream)
                                                        : zc_emit_ipv6(skb, pkt, plan, stream);
  if (pkt->tags && !zc_tag_restore(skb, &tag)) return ZC_VERDICT_no_room;
  return verdict;
}

static __always_inline enum zc_verdict zc_handle(struct __sk_buff* skb, struct zc_packet* pkt,
                                                 __u32 rule_id, __u32 slot) {
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return ZC_VERDICT_no_state;

  struct zc_plan plan = {.how.word = *(volatile __u64*)&rule->options.how.word,
                         .ticks_q64 = rule->options.ticks_q64};
  plan.room = skb->gso_size ? zc_piece_room(pkt->flow.family, plan.how) : zc_room(plan.how);
  enum zc_verdict verdict = zc_check(skb, pkt, rule_id, &plan);
  if (verdict != ZC_VERDICT_stamped) return verdict;
  if (plan.way == ZC_CSUM_SUM && !skb->gso_size) {
    __s64 sum = zc_payload_sum(skb, pkt->l4_off + sizeof(struct udphdr), zc_payload_bytes(pkt));
    if (sum < 0) return ZC_VERDICT_malformed;
    plan.payload_sum = sum;
  }

  plan.now_ns = bpf_ktime_get_ns();
  if (slot == ZC_NO_SLOT) slot = zc_stream_create(&pkt->flow, rule_id, plan.now_ns);
  struct zc_stream* stream = zc_stream_at(slot);
  if (!stream) return ZC_VERDICT_no_state;
  if (skb->gso_size) return zc_prepare_super(skb, pkt, &plan, slot);
  return zc_emit(skb, pkt, &plan, stream);
}

/* Anything but a piece. */
__noinline int zc_handle_packet(struct __sk_buff* skb) {
  struct zc_packet pkt = {};
  __u32 rule_id;

  if (!zc_parse(skb, &pkt)) return TC_ACT_UNSPEC;
  if (pkt.later_fragment) {
    rule_id = zc_fragment_rule(&pkt);
    if (rule_id == ZC_NO_RULE) return TC_ACT_UNSPEC;
    zc_count(rule_id, ZC_VERDICT_fragment);
    return TC_ACT_SHOT;
  }
  if (!zc_may_match(&pkt.flow)) return TC_ACT_UNSPEC;
  __u32 slot = zc_slot_find(&pkt.flow);
  struct zc_stream* stream = zc_stream_at(slot);
  rule_id = stream ? stream->rule : zc_rule_find(&pkt.flow);
  if (rule_id == ZC_NO_RULE) return TC_ACT_UNSPEC;

  enum zc_verdict verdict = zc_handle(skb, &pkt, rule_id, slot);
  if (verdict == ZC_VERDICT_stamped) return TC_ACT_UNSPEC;
  zc_count(rule_id, verdict);
  return verdict == ZC_VERDICT_super ? bpf_redirect(zc_stage(), 0) : TC_ACT_SHOT;
}

/* Both hooks read our answer alike: -1 is TCX_NEXT and TC_ACT_UNSPEC, later programs still run. */
SEC("tc")
int zc_egress(struct __sk_buff* skb) {
  if (zc_is_marked(skb) && zc_stamp_piece(skb)) return TC_ACT_UNSPEC;
  return zc_handle_packet(skb);
}
