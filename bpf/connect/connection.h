/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection comes under a rule, and leaves it. Sends nothing. */
#ifndef ZC_CONNECT_CONNECTION_H
#define ZC_CONNECT_CONNECTION_H

#include "maps/connections.h"

#include <bpf/bpf_core_read.h>

#include "message/settle.h"
#include "rtp/count.h"
#include "rtp/stream.h"
#include "zc/frame.h"

/* How its frames will look, as long as it lives. */
static __always_inline void zc_style_of(struct zc_frame_style* style, const struct zc_rule* rule,
                                        const struct zc_framing* framing,
                                        const struct zc_stream* stream) {
  style->framing = *framing;
  style->how.word = rule->options.how.word;
  style->first_seq = stream->first_seq;
  style->ticks_q64 = rule->options.ticks_q64;
  style->ticks_whole = rule->options.ticks_whole;
  style->ssrc = stream->ssrc;
  style->pcr_pid = rule->options.pcr_pid;
}

static __always_inline bool zc_connection_begin(struct zc_connection* connection, __u32 rule_id,
                                                __u32 slot) {
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  struct zc_framing* framing = bpf_map_lookup_elem(&zc_framings, &rule_id);
  struct zc_stream* stream = zc_stream_at(slot);
  if (!rule || !framing || !stream) return false;

  connection->slot = slot;
  connection->rule = rule_id;
  zc_style_of(&connection->style, rule, framing, stream);
  connection->head.left = framing->skip == ZC_SKIP_BYTES ? framing->skip_bytes : 0;
  connection->message.rest = ZC_MESSAGE_GONE;
  return true;
}

/* What is left of one that could not be taken. */
static __always_inline void zc_connection_give_up(struct bpf_sock* sk, __u32 slot) {
  struct zc_stream* stream = zc_stream_at(slot);
  bpf_map_delete_elem(&zc_connected, &slot);
  bpf_sk_storage_delete(&zc_connections, sk);
  if (stream) zc_slot_release(stream);
}

/* TCP Fast Open (RFC 7413) at this end: the call that opens the connection has sent its first bytes
 * in the SYN, or will send them past the program. The other end's SYN is nothing to us. */
static __always_inline bool zc_connection_has_begun(struct bpf_sock_ops* ops) {
  struct bpf_sock* sk = ops->sk;
  if (!sk || ops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB) return false;
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(sk);
  return tp && (BPF_CORE_READ_BITFIELD(tp, syn_data) || BPF_CORE_READ_BITFIELD(tp, syn_fastopen));
}

/* False where a table is full, or the socket is in another program's hands: it stays as it is. */
static __always_inline bool zc_connection_take(struct bpf_sock_ops* ops, const struct zc_flow* flow,
                                               __u32 rule_id) {
  struct bpf_sock* sk = ops->sk;
  __u32 slot = zc_stream_make(rule_id, bpf_ktime_get_ns(), ZC_NO_SLOT);
  if (!sk || slot == ZC_NO_SLOT) return false;
  struct zc_connection* connection =
      bpf_sk_storage_get(&zc_connections, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  struct zc_connected connected = {.flow = *flow, .netns_cookie = bpf_get_netns_cookie(ops)};

  if (connection && zc_connection_begin(connection, rule_id, slot) &&
      bpf_map_update_elem(&zc_connected, &slot, &connected, BPF_NOEXIST) == 0 &&
      bpf_sock_hash_update(ops, &zc_sockhash, &slot, BPF_NOEXIST) == 0)
    return true;
  zc_connection_give_up(sk, slot);
  return false;
}

/* Nothing is sent any more: the promise before is settled, by a count in which no FIN is yet
 * (tcp_close_state comes before tcp_send_fin). */
static __always_inline void zc_connection_end(struct bpf_sock_ops* ops) {
  struct bpf_sock* sk = ops->sk;
  if (!sk) return;
  struct zc_connection* connection = bpf_sk_storage_get(&zc_connections, sk, 0, 0);
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(sk);
  if (connection && tp) zc_settle(connection, tp->write_seq, tp->pushed_seq);
}

/* Frames whose header is in the stream as a whole. */
static __always_inline __u64 zc_frames_sent(const struct zc_frame* frame) {
  return frame->number - (frame->header_left != 0);
}

/* Its numbers are final. */
static __always_inline void zc_connection_leave(struct bpf_sock_ops* ops) {
  struct bpf_sock* sk = ops->sk;
  if (!sk) return;
  struct zc_connection* connection = bpf_sk_storage_get(&zc_connections, sk, 0, 0);
  if (!connection) return;
  __u32 slot = connection->slot, rule_id = connection->rule;
  struct zc_stream* stream = zc_stream_at(slot);
  struct zc_counts* counts = bpf_map_lookup_elem(&zc_counts, &rule_id);
  if (!stream || !bpf_map_lookup_elem(&zc_connected, &slot)) return;

  bpf_map_delete_elem(&zc_connected, &slot);
  __sync_lock_test_and_set(&stream->state, ZC_SLOT_LEAVING);
  if (counts)
    __sync_fetch_and_add(&counts->packets[ZC_VERDICT_stamped], zc_frames_sent(&connection->frame));
  bpf_sk_storage_delete(&zc_connections, sk);
  zc_slot_release(stream);
}

#endif /* ZC_CONNECT_CONNECTION_H */
