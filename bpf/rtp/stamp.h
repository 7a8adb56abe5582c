/* SPDX-License-Identifier: GPL-2.0-only */
/* The RTP header of one packet, from its stream. Knows no packet: whoever calls puts it somewhere.
 */
#ifndef ZC_RTP_STAMP_H
#define ZC_RTP_STAMP_H

#include "kernel.h"
#include "rtp/clock.h"
#include "rtp/count.h"
#include "zc/wire/rtp.h"
#include "zc/wire/ts.h"

/* MPEG-TS leaves in whole packets (RFC 2250 2): a receiver of others loses its place. */
static __always_inline bool zc_is_unaligned(union zc_how how, __u32 payload_octets) {
  bool is_ts = how.payload_type == ZC_RTP_PT_MP2T || how.timestamp == ZC_TIMESTAMP_PCR;
  return is_ts && payload_octets % ZC_TS_PACKET_BYTES != 0;
}

/* Takes the next sequence number: from here on the packet counts as sent. */
static __always_inline void zc_stamp(struct zc_stream* stream, union zc_how how,
                                     const struct zc_timing* timing, __u32 payload_octets,
                                     struct zc_rtp_header* rtp) {
  __u64 seq = __sync_fetch_and_add(&stream->next_seq, 1);
  __u64 octets = __sync_fetch_and_add(&stream->octets, payload_octets);
  __u32 timestamp = timing->timestamp;

  if (zc_clock_counts(how))
    timestamp = zc_counted_ticks(stream, how, timing, seq - stream->first_seq, octets);
  zc_clock_note(stream, timestamp, timing->now_ns);
  if (zc_is_unaligned(how, payload_octets)) zc_count(stream->rule, ZC_VERDICT_unaligned);
  rtp->v_p_x_cc = ZC_RTP_VERSION_2;
  rtp->m_pt = how.payload_type | timing->marker;
  rtp->seq = bpf_htons(seq);
  rtp->timestamp = bpf_htonl(timestamp);
  rtp->ssrc = bpf_htonl(stream->ssrc);
}

#endif /* ZC_RTP_STAMP_H */
