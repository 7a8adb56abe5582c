/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet as a program at a device's hook has it, a struct __sk_buff: reading its bytes, and what
 * the kernel knows of it and __sk_buff does not tell. Knows no protocol. */
#ifndef ZC_CTX_SKB_H
#define ZC_CTX_SKB_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>

#include "config.h"
#include "ctx/cast.h"

#define ZC_MAX_OFFSET 0x7fff /* the verifier wants a bound */

/* Copies the struct at `off` of the packet to `*to`; false where the packet ends before. A macro,
 * so that the struct's alignment is known: bytewise copies would cost more than all the rest. */
#define zc_read(skb, off, to)                                             \
  ({                                                                      \
    __u32 _off = (off);                                                   \
    bool _done = _off <= ZC_MAX_OFFSET;                                   \
    /* Bounds the register that is used, once more: the verifier of Linux \
     * 6.1 forgets what was checked on a copy. */                         \
    asm volatile("%0 &= 32767" : "+r"(_off));                             \
    void* _data = (void*)(long)(skb)->data;                               \
    void* _end = (void*)(long)(skb)->data_end;                            \
    if (_done && _data + _off + sizeof(*(to)) <= _end)                    \
      *(to) = *(typeof(to))(_data + _off);                                \
    else if (_done)                                                       \
      _done = bpf_skb_load_bytes((skb), _off, (to), sizeof(*(to))) == 0;  \
    _done;                                                                \
  })

/* What is to be done about the packet's checksum, as the kernel has it. */
struct zc_skb_csum {
  __u32 ip_summed;
  __u16 csum_start; /* from the first byte of the frame */
  __u16 csum_offset;
};

extern void* bpf_cast_to_kern_ctx(void* skb) __ksym __weak;

static __always_inline void zc_csum_by_cast(struct __sk_buff* ctx, struct zc_skb_csum* csum) {
  struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);

  csum->ip_summed = BPF_CORE_READ_BITFIELD(skb, ip_summed);
  csum->csum_start = skb->csum_start - skb->mac_header;
  csum->csum_offset = skb->csum_offset;
}

/* The way before 6.2: the context register holds the sk_buff's address, which only a probe may
 * follow. */
static __noinline void zc_csum_by_probe(struct __sk_buff* ctx, struct zc_skb_csum* csum) {
  if (!csum) return;
  struct sk_buff* skb = (struct sk_buff*)ctx;

  csum->ip_summed = BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed);
  csum->csum_start = BPF_CORE_READ(skb, csum_start) - BPF_CORE_READ(skb, mac_header);
  csum->csum_offset = BPF_CORE_READ(skb, csum_offset);
}

static __always_inline void zc_skb_csum(struct __sk_buff* skb, struct zc_skb_csum* csum) {
  if (zc_config.kern_ctx)
    zc_csum_by_cast(skb, csum);
  else
    zc_csum_by_probe(skb, csum);
}

/* The MTU of the packet's route: what was learned of the path (RFC 1191, 8201), or `ip route …
 * mtu`; 0: none. A packet that was not routed here has no route. As ipv4_mtu and ip6_mtu do it, of
 * which the latter keeps a learned one among the metrics. */
static __always_inline __u32 zc_route_mtu_by_cast(const struct sk_buff* skb) {
  unsigned long address = skb->_skb_refdst & SKB_DST_PTRMASK;
  if (!address) return 0;
  struct dst_entry* dst = zc_cast(struct dst_entry, address);
  if (dst->ops->family == AF_INET) {
    struct rtable* route = zc_cast(struct rtable, address);
    __u32 learned = BPF_CORE_READ_BITFIELD(route, rt_pmtu);
    if (learned && (long)(bpf_jiffies64() - dst->expires) < 0) return learned;
  }
  return zc_cast(struct dst_metrics, dst->_metrics & ~DST_METRICS_FLAGS)->metrics[RTAX_MTU - 1];
}

static __always_inline __u32 zc_route_mtu_by_probe(const struct sk_buff* skb) {
  unsigned long address = BPF_CORE_READ(skb, _skb_refdst) & SKB_DST_PTRMASK;
  if (!address) return 0;
  struct dst_entry* dst = (struct dst_entry*)address;
  if (BPF_CORE_READ(dst, ops, family) == AF_INET) {
    struct rtable* route = (struct rtable*)address;
    __u32 learned = BPF_CORE_READ_BITFIELD_PROBED(route, rt_pmtu);
    if (learned && (long)(bpf_jiffies64() - BPF_CORE_READ(dst, expires)) < 0) return learned;
  }
  struct dst_metrics* metrics =
      (struct dst_metrics*)(BPF_CORE_READ(dst, _metrics) & ~DST_METRICS_FLAGS);
  __u32 mtu = 0;
  bpf_core_read(&mtu, sizeof(mtu), &metrics->metrics[RTAX_MTU - 1]);
  return mtu;
}

static __noinline __u32 zc_mtu_by_probe(struct __sk_buff* ctx) {
  struct sk_buff* skb = (struct sk_buff*)ctx;
  __u32 device = BPF_CORE_READ(skb, dev, mtu), route = zc_route_mtu_by_probe(skb);

  return route && route < device ? route : device;
}

/* Bytes on layer 3 that device and route take, now. */
static __always_inline __u32 zc_mtu(struct __sk_buff* ctx) {
  if (!zc_config.kern_ctx) return zc_mtu_by_probe(ctx);
  struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);
  __u32 device = skb->dev->mtu, route = zc_route_mtu_by_cast(skb);

  return route && route < device ? route : device;
}

/* SO_NETNS_COOKIE of the namespace that the packet's device is in. */
static __always_inline __u64 zc_netns_cookie(struct __sk_buff* ctx) {
  if (zc_config.kern_ctx) {
    struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);
    return skb->dev->nd_net.net->net_cookie;
  }
  return BPF_CORE_READ((struct sk_buff*)ctx, dev, nd_net.net, net_cookie);
}

#endif /* ZC_CTX_SKB_H */
