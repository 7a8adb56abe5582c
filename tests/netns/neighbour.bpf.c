// SPDX-License-Identifier: GPL-2.0-only
/* Another program on the hook: writes down what every packet to port 5004 looks like when it comes
 * by, and lets everything pass. Shares no line with the program under test. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define WATCHED_PORT 5004
#define MAX_SEEN 4096

char LICENSE[] SEC("license") = "GPL";

struct seen {
  __u32 len;    /* all bytes of the packet */
  __u32 linear; /* those in the linear part: what stands behind them is fragments */
  __u32 frags_gso;
  __u32 udp_payload; /* its first four bytes, in network order */
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, MAX_SEEN);
  __type(key, __u32);
  __type(value, struct seen);
} nb_seen SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} nb_count SEC(".maps");

SEC("tc")
int neighbour(struct __sk_buff* skb) {
  struct seen seen = {};
  __u32 zero = 0, udp = skb->protocol == bpf_htons(ETH_P_IPV6) ? 54 : 34;
  __be16 port = 0;

  if (bpf_skb_load_bytes(skb, udp + 2, &port, 2) || port != bpf_htons(WATCHED_PORT)) return -1;
  seen.len = skb->len;
  seen.linear = skb->data_end - skb->data;
  seen.frags_gso = skb->gso_size;
  bpf_skb_load_bytes(skb, udp + 8, &seen.udp_payload, 4);

  __u64* count = bpf_map_lookup_elem(&nb_count, &zero);
  if (!count) return -1;
  __u32 index = __sync_fetch_and_add(count, 1);
  bpf_map_update_elem(&nb_seen, &index, &seen, BPF_ANY);
  return -1;
}
