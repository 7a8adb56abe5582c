/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet as a program at a device's hook has it, a struct __sk_buff: reading its bytes, and what
 * the kernel knows of it and __sk_buff does not tell. Knows no protocol. */
#ifndef ZC_CTX_SKB_H
#define ZC_CTX_SKB_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>

#include "config.h"

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

/* The way before 6.2: the context register holds the sk_buff's address, which only a probe may
 * follow. */
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

/* SO_NETNS_COOKIE of the namespace that the packet's device is in. */
static __always_inline __u64 zc_netns_cookie(struct __sk_buff* ctx) {
  if (zc_config.kern_ctx) {
    struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);
    return skb->dev->nd_net.net->net_cookie;
  }
  return BPF_CORE_READ((struct sk_buff*)ctx, dev, nd_net.net, net_cookie);
}

#endif /* ZC_CTX_SKB_H */
