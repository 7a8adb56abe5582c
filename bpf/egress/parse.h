/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads from the first byte to the UDP ports: the only place that looks for a header. Never
 * writes; knows no rules. What comes later reads at the places found here; piece.h, where the
 * cutter puts the headers of a piece.
 *
 * It must not pull payload into the linear part, which for a sendfile datagram ends right behind
 * the UDP header: what lies beyond is copied out, never moved. */
#ifndef ZC_EGRESS_PARSE_H
#define ZC_EGRESS_PARSE_H

#include "ctx/skb.h"
#include "zc/abi/flow.h"
#include "zc/room.h"

#define ZC_MAX_VLAN_TAGS 2
#define ZC_MAX_EXTENSION_HEADERS 64

struct zc_vlan_tag {
  __be16 tci;
  __be16 next_protocol;
};

struct zc_packet {
  struct zc_flow flow;
  __be16 l2_protocol; /* of the frame: of the outermost tag, where there is one */
  __be16 l3_protocol; /* behind all tags */
  __be16 outer_tci;   /* of the outermost tag in the frame */
  __u8 tags;          /* in the frame; one more may be in skb->vlan_tci */
  __u32 l3_off;
  __u32 l4_off;
  __u32 l3_bytes; /* what the IP header says, header included */
  __u32 ip_id;
  bool options;        /* IPv4 options or IPv6 extension headers */
  bool fragment;       /* first one: has ports */
  bool later_fragment; /* has none */
};

struct zc_udp_ports {
  __be16 source;
  __be16 dest;
};

struct zc_ipv6_ext {
  __u8 next;
  __u8 length; /* in 8 bytes beyond the first 8; AH: in 4 bytes, minus 2 (RFC 4302 2.2) */
};

struct zc_ipv6_fragment {
  __u8 next;
  __u8 reserved;
  __be16 offset_more; /* 13 bits of offset, 2 reserved, 1 more-fragments (RFC 8200 4.5) */
  __be32 id;
};

static __always_inline bool zc_is_vlan(__be16 protocol) {
  return protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD);
}

/* Finds the IP header behind the tags. The frame is asked, not skb->protocol: a raw socket may set
 * that to anything. */
static __always_inline bool zc_parse_l2(struct __sk_buff* skb, struct zc_packet* pkt) {
  if (zc_config.l2_bytes == 0) {
    pkt->l2_protocol = pkt->l3_protocol = (__be16)skb->protocol;
    return true;
  }
  if (!zc_read(skb, __builtin_offsetof(struct ethhdr, h_proto), &pkt->l2_protocol)) return false;
  pkt->l3_protocol = pkt->l2_protocol;
  pkt->l3_off = ZC_ETHERNET_BYTES;
  for (int i = 0; i < ZC_MAX_VLAN_TAGS && zc_is_vlan(pkt->l3_protocol); i++) {
    struct zc_vlan_tag tag;
    if (!zc_read(skb, pkt->l3_off, &tag)) return false;
    if (i == 0) pkt->outer_tci = tag.tci;
    pkt->l3_protocol = tag.next_protocol;
    pkt->l3_off += sizeof(tag);
    pkt->tags++;
  }
  return true;
}

static __always_inline bool zc_parse_ipv4(struct __sk_buff* skb, struct zc_packet* pkt) {
  struct iphdr header, *ip = &header;
  if (!zc_read(skb, pkt->l3_off, ip)) return false;
  if (ip->version != 4 || ip->ihl < 5 || ip->protocol != IPPROTO_UDP) return false;

  __u16 frag = bpf_ntohs(ip->frag_off);
  pkt->flow.family = ZC_IPV4;
  pkt->flow.daddr[0] = ip->daddr;
  pkt->flow.saddr[0] = ip->saddr;
  pkt->l3_bytes = bpf_ntohs(ip->tot_len);
  pkt->ip_id = ip->id;
  pkt->options = ip->ihl > 5;
  pkt->later_fragment = (frag & IP_OFFSET) != 0;
  pkt->fragment = !pkt->later_fragment && (frag & IP_MF) != 0;
  pkt->l4_off = pkt->l3_off + ip->ihl * 4;
  return true;
}

/* Walks the chain of extension headers to UDP. Out of line: few packets have one. Global (not
 * static) functions are verified once, by themselves, not again for each path that calls them. */
__noinline bool zc_parse_ipv6_extensions(struct __sk_buff* skb, struct zc_packet* pkt, __u8 next) {
  if (!pkt) return false; /* never: for the verifier */
  __u32 off = pkt->l3_off + sizeof(struct ipv6hdr);

  for (int i = 0; i < ZC_MAX_EXTENSION_HEADERS && next != IPPROTO_UDP; i++) {
    struct zc_ipv6_ext ext; /* of a fragment header, `length` is the reserved byte */
    if (!zc_read(skb, off, &ext)) return false;
    __u32 bytes = (ext.length + 1) * 8;

    if (next == IPPROTO_FRAGMENT) {
      struct zc_ipv6_fragment header;
      if (!zc_read(skb, off, &header)) return false;
      pkt->ip_id = header.id;
      pkt->later_fragment = (header.offset_more & bpf_htons(0xfff8)) != 0;
      pkt->fragment = !pkt->later_fragment;
      bytes = sizeof(header);
      /* Its next header says nothing (RFC 8200 4.5): the table of first fragments decides. */
      if (pkt->later_fragment) return true;
    } else if (next == IPPROTO_AH) {
      bytes = (ext.length + 2) * 4;
    } else if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS) {
      return false;
    }
    next = ext.next;
    off += bytes;
    pkt->options = true;
  }
  pkt->l4_off = off;
  return next == IPPROTO_UDP;
}

static __always_inline bool zc_parse_ipv6(struct __sk_buff* skb, struct zc_packet* pkt) {
  struct ipv6hdr header, *ip = &header;
  if (!zc_read(skb, pkt->l3_off, ip) || ip->version != 6) return false;

  pkt->flow.family = ZC_IPV6;
  __builtin_memcpy(pkt->flow.daddr, &ip->daddr, sizeof(pkt->flow.daddr));
  __builtin_memcpy(pkt->flow.saddr, &ip->saddr, sizeof(pkt->flow.saddr));
  pkt->l3_bytes = sizeof(*ip) + bpf_ntohs(ip->payload_len);
  pkt->l4_off = pkt->l3_off + sizeof(*ip);
  if (ip->nexthdr == IPPROTO_UDP) return true;
  return zc_parse_ipv6_extensions(skb, pkt, ip->nexthdr);
}

/* Fills in `pkt`, which the caller has zeroed; false: no UDP packet. */
static __always_inline bool zc_parse(struct __sk_buff* skb, struct zc_packet* pkt) {
  if (!zc_parse_l2(skb, pkt)) return false;

  if (pkt->l3_protocol == bpf_htons(ETH_P_IP)) {
    if (!zc_parse_ipv4(skb, pkt)) return false;
  } else if (pkt->l3_protocol == bpf_htons(ETH_P_IPV6)) {
    if (!zc_parse_ipv6(skb, pkt)) return false;
  } else {
    return false;
  }
  if (pkt->later_fragment) return true;

  /* The ports alone: a UDP header that is cut off behind them is ours to drop. */
  struct zc_udp_ports ports;
  if (!zc_read(skb, pkt->l4_off, &ports)) return false;
  pkt->flow.dport = ports.dest;
  pkt->flow.sport = ports.source;
  return true;
}

/* The payload of a packet whose lengths agree. */
static __always_inline __u32 zc_payload_bytes(const struct zc_packet* pkt) {
  return pkt->l3_off + pkt->l3_bytes - pkt->l4_off - sizeof(struct udphdr);
}

#endif /* ZC_EGRESS_PARSE_H */
