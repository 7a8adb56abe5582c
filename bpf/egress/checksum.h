/* SPDX-License-Identifier: GPL-2.0-only */
/* How the UDP checksum becomes right, and the sums for it. docs/checksums.md tells the reasons.
 *
 * The danger: a packet that waits for its checksum (CHECKSUM_PARTIAL) carries csum_start, and
 * making room does not move it. Whoever completes the packet then stores 16 bits at the *old*
 * place of the UDP header + 6, `room` bytes further on. enum zc_csum_op says what stands there. */
#ifndef ZC_EGRESS_CHECKSUM_H
#define ZC_EGRESS_CHECKSUM_H

#include "ctx/skb.h"
#include "egress/decision.h"
#include "egress/parse.h"
#include "zc/room.h"
#include "zc/verdict.h"

#define ZC_UDP_CHECK_OFFSET 6
#define ZC_SUM_CHUNK 128  /* of the stack, of which Linux 6.1 counts every frame in steps of 32 */
#define ZC_SUM_CHUNKS 512 /* of the longest datagram */

static __always_inline bool zc_is_trimmed(__u32 csum_op) {
  return csum_op == ZC_CSUM_TRIM || csum_op == ZC_CSUM_SUM;
}

/* Chooses what is done to this packet, or the verdict that drops it. */
static __always_inline enum zc_verdict zc_choose_csum_op(const struct zc_packet* pkt,
                                                         const struct zc_skb_facts* facts,
                                                         __u8 checksum, __u32* csum_op) {
  if (facts->ip_summed != CHECKSUM_PARTIAL) {
    *csum_op = checksum == ZC_CHECKSUM_ZERO ? ZC_CSUM_CLEAR : ZC_CSUM_UPDATE;
    return ZC_GO_ON;
  }
  /* A virtual machine or a raw socket may ask for a sum at any place. */
  if (facts->csum_start != pkt->l4_off || facts->csum_offset != ZC_UDP_CHECK_OFFSET)
    return ZC_VERDICT_checksum;
  if (checksum == ZC_CHECKSUM_LCO) {
    *csum_op = ZC_CSUM_DEVICE;
    return ZC_GO_ON;
  }
  *csum_op = checksum == ZC_CHECKSUM_ZERO ? ZC_CSUM_TRIM : ZC_CSUM_SUM;
  __u32 l3_header = pkt->l4_off - pkt->l3_off;
  __u32 kept = zc_trim_payload(zc_config.l2_bytes, l3_header);
  __u32 payload = pkt->l3_bytes - l3_header - sizeof(struct udphdr);
  return payload < kept ? ZC_VERDICT_short : ZC_GO_ON;
}

/* One's complement sums over 16-bit words in network byte order (RFC 1071). */
static __always_inline __u32 zc_sum_words(const void* from, __u32 bytes, __u32 sum) {
  const __u16* words = from;

#pragma unroll
  for (__u32 i = 0; i < bytes / 2; i++)
    sum += words[i];
  return sum;
}

static __always_inline __u16 zc_fold(__u32 sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

/* The field for a sum: 0 goes as 0xffff, for 0 means "none" (RFC 768). */
static __always_inline __u16 zc_udp_check(__u32 sum) {
  __u16 check = ~zc_fold(sum);
  return check ? check : 0xffff;
}

/* Sum of `bytes` bytes, at least one, of the packet from `off` on, folded; negative where it ends
 * before. The only place that reads a payload: where a device sums nothing, somebody must. */
__noinline __s64 zc_payload_sum(struct __sk_buff* skb, __u32 off, __u32 bytes) {
  __u8 chunk[ZC_SUM_CHUNK];
  __s64 sum = 0;

  for (int i = 0; i < ZC_SUM_CHUNKS && bytes > sizeof(chunk); i++) {
    if (bpf_skb_load_bytes(skb, off, chunk, sizeof(chunk))) return -1;
    sum = bpf_csum_diff(NULL, 0, (__be32*)chunk, sizeof(chunk), sum);
    off += sizeof(chunk);
    bytes -= sizeof(chunk);
  }
  __builtin_memset(chunk, 0, sizeof(chunk));
  __u32 rest =
      ((bytes - 1) & (sizeof(chunk) - 1)) + 1; /* = bytes: said so that Linux 6.1 sees it */
  if (bpf_skb_load_bytes(skb, off, chunk, rest)) return -1;
  return zc_fold(bpf_csum_diff(NULL, 0, (__be32*)chunk, sizeof(chunk), sum));
}

#endif /* ZC_EGRESS_CHECKSUM_H */
