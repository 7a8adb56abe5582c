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
                                                         __u8 checksum, __u16* csum_op) {
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
#define ZC_SUM_STEPS (0xffff / ZC_SUM_LEAST + 1)
#define ZC_SUM_REFUSED (-1) /* more at a time than the kernel takes */
#define ZC_SUM_SHORT (-2)   /* the packet ends before */

/* Bytes that are summed at a time: all of the scratch, until the kernel has refused that. */
__u32 zc_sum_step = ZC_SCRATCH_BYTES;

/* Adds the `bytes` bytes, 1 to ZC_SCRATCH_BYTES, of the packet from `off` on to the sum. A global
 * function, so that the loop around it is cheap to verify. */
__noinline __s64 zc_sum_part(struct __sk_buff* skb, __u32 off, __u64 bytes, __u32 sum) {
  __u32 zero = 0;
  struct zc_scratch* scratch = bpf_map_lookup_elem(&zc_scratch, &zero);
  if (!scratch) return ZC_SUM_SHORT; /* never: for the verifier */

  bytes--;
  asm volatile("%0 &= 4095; %0 += 1" : "+r"(bytes)); /* said so that Linux 6.1 sees it */
  if (bpf_skb_load_bytes(skb, off, scratch->bytes, bytes)) return ZC_SUM_SHORT;
  for (__u32 i = 0; i < 3; i++) /* what stands behind the last byte counts as zero (RFC 1071) */
    scratch->bytes[bytes + i] = 0;
  __u64 words = ((bytes + 3) & ~3ull) - 4;
  asm volatile("%0 &= 4092; %0 += 4" : "+r"(words)); /* likewise */
  __s64 added = bpf_csum_diff(NULL, 0, (__be32*)scratch->bytes, words, sum);
  return added < 0 ? ZC_SUM_REFUSED : added;
}

/* Sum of `bytes` bytes of the packet from `off` on, `step` at a time; negative: why there is none.
 */
__noinline __s64 zc_sum_by(struct __sk_buff* skb, __u32 off, __u32 bytes, __u32 step) {
  __s64 sum = 0;

  for (__u32 i = 0; i < ZC_SUM_STEPS && bytes > step; i++) {
    sum = zc_sum_part(skb, off, step, sum);
    if (sum < 0) return sum;
    off += step;
    bytes -= step;
  }
  return bytes ? zc_sum_part(skb, off, bytes, sum) : sum;
}

/* Sum of the payload, folded; negative where the packet ends before. The only place that reads one:
 * where a device sums nothing that can be relied on, somebody must. */
static __always_inline __s64 zc_payload_sum(struct __sk_buff* skb, __u32 off, __u32 bytes) {
  __s64 sum = zc_sum_by(skb, off, bytes, zc_sum_step);

  if (sum == ZC_SUM_REFUSED) {
    zc_sum_step = ZC_SUM_LEAST;
    sum = zc_sum_by(skb, off, bytes, ZC_SUM_LEAST);
  }
  return sum < 0 ? sum : zc_fold(sum);
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
