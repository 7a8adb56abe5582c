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
#include "maps/scratch.h"
#include "zc/room.h"
#include "zc/verdict.h"

#define ZC_UDP_CHECK_OFFSET 6

/* Says whether the packet is CHECKSUM_PARTIAL. */
static __always_inline bool zc_waits_for_csum(__u32 csum_op) {
  return csum_op != ZC_CSUM_UPDATE && csum_op != ZC_CSUM_CLEAR;
}

static __always_inline bool zc_is_trimmed(__u32 csum_op) {
  return csum_op == ZC_CSUM_TRIM || csum_op == ZC_CSUM_SUM;
}

static __always_inline __u32 zc_op_of_complete(__u8 checksum) {
  return checksum == ZC_CHECKSUM_ZERO ? ZC_CSUM_CLEAR : ZC_CSUM_UPDATE;
}

static __always_inline __u32 zc_op_of_partial(__u8 checksum) {
  switch (checksum) {
    case ZC_CHECKSUM_LCO:
      return ZC_CSUM_LCO;
    case ZC_CHECKSUM_UNI:
      return ZC_CSUM_UNI;
    case ZC_CHECKSUM_ZERO:
      return ZC_CSUM_TRIM;
    default:
      return ZC_CSUM_SUM;
  }
}

/* Chooses what is done to this packet, or the verdict that drops it. */
static __always_inline enum zc_verdict zc_choose_csum_op(struct __sk_buff* skb, __u32 l4_off,
                                                         __u8 checksum, __u32* csum_op) {
  struct zc_skb_csum csum = {};

  zc_skb_csum(skb, &csum);
  if (csum.ip_summed != CHECKSUM_PARTIAL) {
    *csum_op = zc_op_of_complete(checksum);
    return ZC_GO_ON;
  }
  /* A virtual machine or a raw socket may ask for a sum at any place. */
  if (csum.csum_start != l4_off || csum.csum_offset != ZC_UDP_CHECK_OFFSET)
    return ZC_VERDICT_checksum;
  *csum_op = zc_op_of_partial(checksum);
  return ZC_GO_ON;
}

/* One's complement sums in network byte order, 32 bits at a time, which come to the same (RFC 1071
 * 2.(C)). */
static __always_inline __u64 zc_sum_words(const void* from, __u32 bytes, __u64 sum) {
  const __u32* words = from;

#pragma unroll
  for (__u32 i = 0; i < bytes / sizeof(*words); i++)
    sum += words[i];
  return sum;
}

static __always_inline __u16 zc_fold(__u64 sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

/* The field for a sum: 0 goes as 0xffff, for 0 means "none" (RFC 768). */
static __always_inline __u16 zc_udp_check(__u64 sum) {
  __u16 check = ~zc_fold(sum);
  return check ? check : 0xffff;
}

#define ZC_SUM_LEAST 512 /* what bpf_csum_diff takes at a time before Linux 6.13 */
#define ZC_SUM_STEPS (0xffff / ZC_SUM_LEAST + 2)

/* Bytes that are summed at a time: all of the scratch, until the kernel has refused that. */
__u32 zc_sum_step = ZC_SCRATCH_BYTES;

/* A sum that is being made. */
struct zc_sum {
  struct __sk_buff* skb;
  struct zc_scratch* scratch;
  __s64 sum;   /* negative: it cannot be made */
  __u32 off;   /* of what is still to be added, */
  __u32 bytes; /* and how much it is */
};

/* Adds the `bytes` bytes, 1 to ZC_SCRATCH_BYTES, from sum->off on; negative where that cannot be.
 */
static __always_inline __s64 zc_sum_part(struct zc_sum* sum, __u64 bytes) {
  struct zc_scratch* scratch = sum->scratch;

  bytes--;
  asm volatile("%0 &= 4095; %0 += 1" : "+r"(bytes)); /* said so that Linux 6.1 sees it */
  if (bpf_skb_load_bytes(sum->skb, sum->off, scratch->bytes, bytes)) return -1;
  for (__u32 i = 0; i < 3; i++) /* what stands behind the last byte counts as zero (RFC 1071) */
    scratch->bytes[bytes + i] = 0;
  __u64 words = ((bytes + 3) & ~3ull) - 4;
  asm volatile("%0 &= 4092; %0 += 4" : "+r"(words)); /* likewise */
  return bpf_csum_diff(NULL, 0, (__be32*)scratch->bytes, words, sum->sum);
}

/* One step for bpf_loop; 1: there is no further one. */
static long zc_sum_more(__attribute__((unused)) __u32 index, struct zc_sum* sum) {
  __u32 step = zc_sum_step;
  __u32 part = sum->bytes < step ? sum->bytes : step;

  __s64 more = zc_sum_part(sum, part);
  if (more < 0 && step > ZC_SUM_LEAST) {
    zc_sum_step = ZC_SUM_LEAST;
    return 0;
  }
  sum->sum = more;
  sum->off += part;
  sum->bytes -= part;
  return more < 0 || !sum->bytes;
}

/* Sum of `bytes` bytes of the packet from `off` on, folded; negative where it ends before. The only
 * place that reads a payload: where a device sums nothing that can be relied on, somebody must. */
__noinline __s64 zc_payload_sum(struct __sk_buff* skb, __u32 off, __u32 bytes) {
  __u32 zero = 0;
  struct zc_sum sum = {.skb = skb, .off = off, .bytes = bytes};
  sum.scratch = bpf_map_lookup_elem(&zc_scratch, &zero);
  if (!sum.scratch) return -1; /* never: for the verifier */

  if (bytes) bpf_loop(ZC_SUM_STEPS, zc_sum_more, &sum, 0);
  return sum.sum < 0 ? -1 : zc_fold(sum.sum);
}

/* Sums the payload where the decision needs that; false where it cannot be read. */
static __always_inline bool zc_sum_payload(struct __sk_buff* skb, __u32 l4_off, __u32 payload,
                                           struct zc_decision* decision) {
  if (decision->csum_op != ZC_CSUM_SUM) return true;
  __s64 sum = zc_payload_sum(skb, l4_off + ZC_UDP_BYTES, payload);
  decision->payload_sum = sum;
  return sum >= 0;
}

#endif /* ZC_EGRESS_CHECKSUM_H */
