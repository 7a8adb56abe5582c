/* SPDX-License-Identifier: GPL-2.0-only */
/* What every header here starts from: the kernel's types and helpers, and those of its constants
 * that are macros, which BTF and so vmlinux.h cannot carry. Nothing of ours. */
#ifndef ZC_KERNEL_H
#define ZC_KERNEL_H

#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86DD
#define ETH_P_8021Q 0x8100
#define ETH_P_8021AD 0x88A8

#define IPPROTO_HOPOPTS 0
#define IPPROTO_UDP 17
#define IPPROTO_ROUTING 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_AH 51
#define IPPROTO_DSTOPTS 60

#define IP_MF 0x2000
#define IP_OFFSET 0x1FFF

#define AF_INET 2
#define AF_INET6 10

#define CHECKSUM_PARTIAL 3    /* include/linux/skbuff.h */
#define SKB_DST_PTRMASK ~1UL  /* likewise */
#define DST_METRICS_FLAGS 3UL /* include/net/dst.h */
#define RTAX_MTU 2            /* include/uapi/linux/rtnetlink.h; dst_metrics begins with 1 */

#define TC_ACT_UNSPEC (-1) /* = TCX_NEXT: whatever comes after us on the hook still runs */
#define TC_ACT_SHOT 2      /* = TCX_DROP */

#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_F_RECOMPUTE_CSUM (1ULL << 0)
#define BPF_F_ADJ_ROOM_FIXED_GSO (1ULL << 0)
#define BPF_F_NO_PREALLOC (1U << 0)
#define BPF_F_MMAPABLE (1U << 10)
#define BPF_SK_STORAGE_GET_F_CREATE (1ULL << 0)

/* include/uapi/linux/bpf.h: in enums without a name. */
#define BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB 4
#define BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB 5
#define BPF_SOCK_OPS_STATE_CB 10
#define BPF_SOCK_OPS_STATE_CB_FLAG (1 << 2)
#define BPF_TCP_FIN_WAIT1 4
#define BPF_TCP_CLOSE 7
#define BPF_TCP_LAST_ACK 9

#endif /* ZC_KERNEL_H */
