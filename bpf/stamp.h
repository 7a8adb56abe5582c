/* SPDX-License-Identifier: GPL-2.0-only */
/* The RTP header of one packet, from its stream. Does not know the packet. */
#ifndef ZC_STAMP_H
#define ZC_STAMP_H

#include "stream.h"
#include "zc/wire/rtp.h"

/* What one packet becomes: decided before the first write. Values only, no pointers: the verifier
 * then checks what uses it once, not once per path that leads there. */
struct zc_plan {
  __u32 way;         /* enum zc_csum_way */
  __u32 room;        /* bytes inserted between the UDP header and the payload */
  __u32 payload_sum; /* ZC_CSUM_SUM: one's complement sum of the payload */
  union zc_how how;
  __u64 ticks_q64;
  __u64 now_ns;
};

/* The stream's timestamp at plan->now_ns, kept as the newest one. */
static __always_inline __u32 zc_timestamp(struct zc_stream* stream, const struct zc_plan* plan) {
  __u32 ts = stream->ts_base + zc_ticks(plan->now_ns, plan->ticks_q64);

  stream->last_ns = plan->now_ns;
  stream->last_ts = ts;
  return ts;
}

/* Takes the next sequence number: from here on the packet counts as sent. */
static __always_inline void zc_stamp(struct zc_stream* stream, union zc_how how, __u32 timestamp,
                                     __u32 payload_octets, struct zc_rtp_header* rtp) {
  __u64 seq = __sync_fetch_and_add(&stream->next_seq, 1);

  __sync_fetch_and_add(&stream->octets, payload_octets);
  rtp->v_p_x_cc = ZC_RTP_VERSION_2;
  rtp->m_pt = how.payload_type;
  rtp->seq = bpf_htons(seq);
  rtp->timestamp = bpf_htonl(timestamp);
  rtp->ssrc = bpf_htonl(stream->ssrc);
}

#endif /* ZC_STAMP_H */
