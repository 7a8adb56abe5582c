// SPDX-License-Identifier: GPL-2.0-only
/* zc_egress: what happens to a packet on its way out of a device.
 *
 *   parse → whose is it? → checks and decision → its stream → headers → count
 *                                                         └ super-packet → stage
 *   a piece that the stage cut comes back here, marked: its super-packet's note → headers
 *   a datagram or piece of a rule with --rate → pace device; back here when its time has come
 *
 * Whatever matches no rule leaves untouched and as early as possible. Whatever matches leaves
 * with a correct RTP header or not at all. This file is the table of contents: each call is a step,
 * and each step has its header. README.md has the way as a table. */
#include "egress/begin.h"
#include "egress/check.h"
#include "egress/emit.h"
#include "egress/match.h"
#include "egress/pace.h"
#include "egress/parse.h"
#include "egress/piece.h"
#include "egress/stage.h"
#include "egress/super.h"
#include "egress/timing.h"
#include "maps/receivers.h"
#include "maps/sockets.h"
#include "rtp/count.h"
#include "rtp/stream.h"

char LICENSE[] SEC("license") = "GPL"; /* bpf_skb_adjust_room and the kernel's kfuncs ask for it */

/* A packet whose time is still to come: what it is stamped with is chosen then. */
static __always_inline enum zc_verdict zc_handle_paced(struct __sk_buff* skb,
                                                       const struct zc_packet* pkt,
                                                       const struct zc_decision* decision,
                                                       __u32 slot) {
  if (skb->gso_size) return zc_prepare_super(skb, pkt, decision, slot);
  return zc_wait(skb, slot, zc_flow_sign(&pkt->flow), skb->mark);
}

/* A packet of a rule; `waited`: it comes back from the pace device. */
static __always_inline enum zc_verdict zc_handle(struct __sk_buff* skb, struct zc_packet* pkt,
                                                 __u32 rule_id, __u32 slot, bool waited) {
  struct zc_decision decision = {};
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return ZC_VERDICT_no_state;
  enum zc_verdict verdict = zc_decide(skb, pkt, rule_id, rule, &decision);
  if (verdict != ZC_GO_ON) return verdict;
  if (waited && (slot == ZC_NO_SLOT || !decision.how.pace)) return ZC_VERDICT_orphan;

  decision.timing.now_ns = bpf_ktime_get_ns();
  if (slot == ZC_NO_SLOT) slot = zc_begin(skb, pkt, rule_id, decision.timing.now_ns);
  struct zc_stream* stream = zc_stream_at(slot);
  if (!stream) return ZC_VERDICT_no_state;
  if (decision.how.pace && !waited) return zc_handle_paced(skb, pkt, &decision, slot);
  if (!skb->gso_size && !zc_sum_payload(skb, pkt->l4_off, zc_payload_bytes(pkt), &decision))
    return ZC_VERDICT_malformed;
  zc_time(skb, pkt, &rule->options, slot, stream, &decision);
  if (skb->gso_size) return zc_prepare_super(skb, pkt, &decision, slot);
  return zc_emit(skb, pkt, &decision, stream);
}

/* Where a packet with this verdict goes. */
static __always_inline int zc_send(enum zc_verdict verdict) {
  if (verdict == ZC_VERDICT_stamped) return TC_ACT_UNSPEC;
  if (verdict == ZC_VERDICT_super) return bpf_redirect(zc_stage(), 0);
  if (verdict == ZC_VERDICT_paced) return bpf_redirect(zc_pace_device(), 0);
  return TC_ACT_SHOT;
}

/* A UDP packet that is no piece. */
__noinline int zc_handle_packet(struct __sk_buff* skb, struct zc_packet* pkt) {
  if (!pkt) return TC_ACT_UNSPEC; /* never: for the verifier */
  __u32 slot = ZC_NO_SLOT, rule_id = ZC_NO_RULE;
  bool waited = zc_has_pace_mark(skb) && zc_wake(skb, pkt, &rule_id, &slot);
  if (!waited) rule_id = zc_find_rule(pkt, &slot);
  if (rule_id == ZC_NO_RULE) return TC_ACT_UNSPEC;
  if (skb->mark == ZC_RTCP_MARK) { /* of the agent, on RTP's own port */
    skb->mark = 0;
    return TC_ACT_UNSPEC;
  }

  enum zc_verdict verdict = zc_handle(skb, pkt, rule_id, slot, waited);
  if (verdict != ZC_VERDICT_stamped) zc_count(rule_id, verdict);
  return zc_send(verdict);
}

/* Both hooks read our answer alike: -1 is TCX_NEXT and TC_ACT_UNSPEC, later programs still run. */
SEC("tc")
int zc_egress(struct __sk_buff* skb) {
  if (zc_is_marked(skb)) {
    enum zc_verdict verdict = zc_handle_piece(skb);
    if (verdict != ZC_GO_ON) return zc_send(verdict);
  }
  struct zc_packet pkt = {};
  return zc_parse(skb, &pkt) ? zc_handle_packet(skb, &pkt) : TC_ACT_UNSPEC;
}
