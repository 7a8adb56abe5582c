/* The RTP header of one packet, from its stream. Does not know the packet. */
#ifndef ZC_STAMP_H
#define ZC_STAMP_H

#include "stream.h"
#include "zc/rtp_wire.h"

/* What one packet becomes: decided before the first write. Values only, no pointers: the verifier
 * then checks what uses it once, not once per path that leads there. */
struct zc_plan {
  __u32 way;  /* enum zc_csum_way */
  __u32 room; /* bytes inserted between the UDP header and the payload */
  union zc_how how;
  __u64 ticks_q64;
  __u64 now_ns;
};

/* Takes the next sequence number: from here on the packet counts as sent. */
static __always_inline void zc_stamp(struct zc_stream* stream, const struct zc_plan* plan,
                                     __u32 payload_octets, struct zc_rtp_header* rtp) {
  __u64 seq = __sync_fetch_and_add(&stream->next_seq, 1);
  __u32 ts = stream->ts_base + zc_ticks(plan->now_ns, plan->ticks_q64);

  __sync_fetch_and_add(&stream->octets, payload_octets);
  stream->last_ns = plan->now_ns;
  stream->last_ts = ts;

  rtp->v_p_x_cc = ZC_RTP_VERSION_2;
  rtp->m_pt = plan->how.payload_type;
  rtp->seq = bpf_htons(seq);
  rtp->timestamp = bpf_htonl(ts);
  rtp->ssrc = bpf_htonl(stream->ssrc);
}

#endif /* ZC_STAMP_H */
