// SPDX-License-Identifier: GPL-2.0-only
/* A bad path: what it does to UDP packets to WATCHED_PORT where they come in, MODE says. Shares no
 * line with the program under test. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define WATCHED_PORT 47000
#define RTP_EXTENSION 0x10

#define BREAK 1     /* the last byte of every packet is another */
#define LOSE 2      /* every tenth packet does not come */
#define EXTENSION 3 /* the checksum of packets with an RTP extension is another */
#define LOSE_HERE 4 /* as LOSE, but what it lets on goes to the next program */
#define ACCEPT 5    /* nothing, but no other program sees them */

char LICENSE[] SEC("license") = "GPL";

static __u32 count; /* in .bss; races do no harm */

static int spoil(struct __sk_buff* skb, __u32 at) {
  __u8 byte = 0;

  if (bpf_skb_load_bytes(skb, at, &byte, 1)) return TC_ACT_OK;
  byte ^= 0x55;
  bpf_skb_store_bytes(skb, at, &byte, 1, 0);
  return TC_ACT_OK;
}

SEC("tc")
int path(struct __sk_buff* skb) {
  __u32 ipv6 = skb->protocol == bpf_htons(ETH_P_IPV6), udp = ipv6 ? 54 : 34;
  __u8 protocol = 0, first = 0;
  __be16 port = 0;

  bpf_skb_load_bytes(skb, ipv6 ? 20 : 23, &protocol, 1);
  bpf_skb_load_bytes(skb, udp + 2, &port, 2);
  if (protocol != 17 || port != bpf_htons(WATCHED_PORT)) return TC_ACT_OK;
  if (MODE == BREAK) return spoil(skb, skb->len - 1);
  if (MODE == ACCEPT) return TC_ACT_OK;
  if (MODE == LOSE_HERE) return ++count % 10 ? TC_ACT_UNSPEC : TC_ACT_SHOT;
  if (MODE == LOSE) return ++count % 10 ? TC_ACT_OK : TC_ACT_SHOT;
  bpf_skb_load_bytes(skb, udp + 8, &first, 1);
  return first & RTP_EXTENSION ? spoil(skb, udp + 6) : TC_ACT_OK;
}
