// SPDX-License-Identifier: GPL-2.0-only
/* Other programs on the hook, before ours and behind it. Share no line with the program under
 * test. */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define WATCHED_PORT 5004
#define NEXT (-1) /* TCX_NEXT */

char LICENSE[] SEC("license") = "GPL";

/* skb->mark → how many packets to the port came by with it. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, __u64);
} by_marks SEC(".maps");

/* Runs behind ours: notes the marks of what leaves. */
SEC("tc")
int by_watch(struct __sk_buff* skb) {
  __u32 udp = skb->protocol == bpf_htons(ETH_P_IPV6) ? 54 : 34, mark = skb->mark;
  __u64 one = 1, *count;
  __be16 port = 0;

  if (bpf_skb_load_bytes(skb, udp + 2, &port, 2) || port != bpf_htons(WATCHED_PORT)) return NEXT;
  count = bpf_map_lookup_elem(&by_marks, &mark);
  if (count)
    __sync_fetch_and_add(count, 1);
  else
    bpf_map_update_elem(&by_marks, &mark, &one, BPF_ANY);
  return NEXT;
}

/* Runs before ours: gives each UDP packet a tag beside the frame (skb->vlan_tci), as a VLAN device
 * does. */
SEC("tc")
int by_tag(struct __sk_buff* skb) {
  __u32 protocol = skb->protocol == bpf_htons(ETH_P_IPV6) ? 20 : 23;
  __u8 next = 0;

  /* A piece with the tag in its frame already: what stands at that offset is no protocol then. */
  if (skb->protocol == bpf_htons(ETH_P_8021Q)) return NEXT;
  if (skb->vlan_present || bpf_skb_load_bytes(skb, protocol, &next, 1)) return NEXT;
  if (next == 17) bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 0x2064);
  return NEXT;
}
