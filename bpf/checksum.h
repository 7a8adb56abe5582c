/* SPDX-License-Identifier: GPL-2.0-only */
/* How the UDP checksum becomes right, and the sums for it. docs/checksums.md tells the reasons.
 *
 * The danger: a packet that waits for its checksum (CHECKSUM_PARTIAL) carries csum_start, and
 * making room does not move it. Whoever completes the packet then stores 16 bits at the *old*
 * place of the UDP header + 6, `room` bytes further on. Each way below says what stands there. */
#ifndef ZC_CHECKSUM_H
#define ZC_CHECKSUM_H

#include <bpf/bpf_core_read.h>

#include "maps.h"
#include "parse.h"
#include "zc/room.h"

enum zc_csum_way {
  ZC_CSUM_DEVICE, /* PARTIAL: the device stores its sum in the filler of our extension */
  ZC_CSUM_UPDATE, /* complete: add what we insert (RFC 1624) */
  ZC_CSUM_CLEAR,  /* complete: no checksum any more (RFC 768) */
  ZC_CSUM_CUT,    /* PARTIAL: cut the packet behind csum_start, which ends PARTIAL; then clear */
  ZC_CSUM_SUM,    /* PARTIAL: cut it likewise, then sum everything */
};

#define ZC_UDP_CHECK_OFFSET 6
#define ZC_SUM_CHUNK 128  /* of the stack, of which Linux 6.1 counts every frame in steps of 32 */
#define ZC_SUM_CHUNKS 512 /* of the longest datagram */

/* What the kernel knows of the packet and __sk_buff does not tell. */
struct zc_skb_facts {
  __u32 mtu; /* of the device, now */
  __u32 ip_summed;
  __u16 csum_start; /* from the first byte of the frame */
  __u16 csum_offset;
};

extern void* bpf_cast_to_kern_ctx(void* skb) __ksym __weak;

static __always_inline void zc_facts_by_cast(struct __sk_buff* ctx, struct zc_skb_facts* facts) {
  struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);

  facts->mtu = skb->dev->mtu;
  facts->ip_summed = BPF_CORE_READ_BITFIELD(skb, ip_summed);
  facts->csum_start = skb->csum_start - skb->mac_header;
  facts->csum_offset = skb->csum_offset;
}

/* Before 6.2: the context register holds the sk_buff's address, which only a probe may follow. */
static __noinline void zc_facts_by_probe(struct __sk_buff* ctx, struct zc_skb_facts* facts) {
  if (!facts) return;
  struct sk_buff* skb = (struct sk_buff*)ctx;
  struct net_device* dev = BPF_CORE_READ(skb, dev);

  facts->mtu = BPF_CORE_READ(dev, mtu);
  facts->ip_summed = BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed);
  facts->csum_start = BPF_CORE_READ(skb, csum_start) - BPF_CORE_READ(skb, mac_header);
  facts->csum_offset = BPF_CORE_READ(skb, csum_offset);
}

static __always_inline void zc_skb_facts(struct __sk_buff* skb, struct zc_skb_facts* facts) {
  if (zc_config.kern_ctx)
    zc_facts_by_cast(skb, facts);
  else
    zc_facts_by_probe(skb, facts);
}

static __always_inline bool zc_is_cut(__u32 way) {
  return way == ZC_CSUM_CUT || way == ZC_CSUM_SUM;
}

/* Chooses the way for this packet, or the verdict that drops it; _stamped stands for "go on". */
static __always_inline enum zc_verdict zc_choose_way(const struct zc_packet* pkt,
                                                     const struct zc_skb_facts* facts,
                                                     __u8 checksum, __u32* way) {
  if (facts->ip_summed != CHECKSUM_PARTIAL) {
    *way = checksum == ZC_CHECKSUM_ZERO ? ZC_CSUM_CLEAR : ZC_CSUM_UPDATE;
    return ZC_VERDICT_stamped;
  }
  /* A virtual machine or a raw socket may ask for a sum at any place. */
  if (facts->csum_start != pkt->l4_off || facts->csum_offset != ZC_UDP_CHECK_OFFSET)
    return ZC_VERDICT_checksum;
  if (checksum == ZC_CHECKSUM_LCO) {
    *way = ZC_CSUM_DEVICE;
    return ZC_VERDICT_stamped;
  }
  *way = checksum == ZC_CHECKSUM_ZERO ? ZC_CSUM_CUT : ZC_CSUM_SUM;
  __u32 l3_header = pkt->l4_off - pkt->l3_off;
  __u32 kept = zc_trim_payload(zc_config.l2_bytes, l3_header);
  __u32 payload = pkt->l3_bytes - l3_header - sizeof(struct udphdr);
  return payload < kept ? ZC_VERDICT_short : ZC_VERDICT_stamped;
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

/* RFC 768: a sum of 0 goes as 0xffff, 0 means "none". */
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

#endif /* ZC_CHECKSUM_H */
