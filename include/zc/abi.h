/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BPF program and the control plane share: the layout of every map, defined once.
 *
 * Words are in host byte order unless their type says __be. A change of size or meaning raises
 * ZC_ABI_VERSION; pins of another version are refused, never read. */
#ifndef ZC_ABI_H
#define ZC_ABI_H

#include "zc/types.h"
#include "zc/verdict.h"

#define ZC_ABI_MAGIC 0x7a636374u /* "zcct" */
#define ZC_ABI_VERSION 2u

#define ZC_MAX_RULES 16384u
#define ZC_DEFAULT_STREAMS 65536u /* per device; `attach --max-streams` */
#define ZC_MAX_STREAMS (1u << 22)
/* Slots per stream: a free one is found in a few tries even when the table is full. */
#define ZC_SLOTS_PER_STREAM 2u
#define ZC_NO_SLOT (~0u)
#define ZC_FILTER_BITS (1u << 20)
#define ZC_FILTER_WORDS (ZC_FILTER_BITS / 64)

enum zc_family { ZC_IPV4 = 4, ZC_IPV6 = 6 };

/* One UDP flow. IPv4 addresses are in word 0, the other words are 0. In the rules table an
 * address or port of the source that is 0 means "any". */
struct zc_flow {
  __be32 daddr[4];
  __be32 saddr[4];
  __be16 dport;
  __be16 sport;
  __u32 family; /* enum zc_family */
};
ZC_STATIC_ASSERT(sizeof(struct zc_flow) == 40, "hash key without padding");

/* How a stamped packet's UDP checksum becomes right (docs/checksums.md). */
enum zc_checksum { ZC_CHECKSUM_LCO = 1, ZC_CHECKSUM_ZERO = 2, ZC_CHECKSUM_FULL = 3 };

enum zc_rule_flags {
  ZC_RULE_FIXED_SSRC = 1 << 0, /* first values that the operator gave; random otherwise */
  ZC_RULE_FIXED_SEQ = 1 << 1,
  ZC_RULE_FIXED_TS = 1 << 2,
  ZC_RULE_CHECKSUM_AUTO = 1 << 3, /* `checksum` was chosen by zcctl: for show only */
};

/* How a rule's packets are written. Eight bytes, so that one load sees one state of a rule that
 * is replaced under traffic. */
union zc_how {
  struct {
    __u8 payload_type;         /* 7 bits */
    __u8 checksum;             /* enum zc_checksum */
    __u8 payload_header_bytes; /* zeros after the RTP header: 0, or 4 for MPA */
    __u8 flags;                /* enum zc_rule_flags */
    __u32 clock_hz;
  };
  __u64 word;
};
ZC_STATIC_ASSERT(sizeof(union zc_how) == 8, "read by one load");

/* Value of zc_rules, an array: the index is the rule's id. Which ids are in use, zc_match says. */
struct zc_rule {
  struct zc_flow match;
  union zc_how how;
  __u64 ticks_q64; /* clock ticks per nanosecond, times 2^64 */
  __u32 first_ssrc;
  __u32 first_ts;
  __u32 first_seq;
  __u32 segment_bytes;   /* `--segment`: for zcctl only, packets tell by themselves; 0: not given */
  char payload_name[24]; /* "MP2T", or empty; NUL-terminated */
};
ZC_STATIC_ASSERT(sizeof(struct zc_rule) == 96, "no hidden padding");

enum zc_slot_state { ZC_SLOT_FREE = 0, ZC_SLOT_USED = 1 };

/* Value of zc_slots: one RTP stream. One cache line: every packet of the stream writes it. */
struct zc_stream {
  __u64 next_seq;  /* extended sequence number: the low 16 bits go on the wire */
  __u64 first_seq; /* so packets sent = next_seq - first_seq, RFC 3550 6.4.1 */
  __u64 octets;    /* payload octets sent, RFC 3550 6.4.1: without headers and padding */
  __u64 last_ns;   /* CLOCK_MONOTONIC of the newest packet */
  __u32 last_ts;   /* its RTP timestamp */
  __u32 ts_base;   /* RTP timestamp of CLOCK_MONOTONIC 0 */
  __u32 ssrc;
  __u32 rule;     /* index into zc_rules */
  __u32 state;    /* enum zc_slot_state */
  __u32 app_mark; /* skb->mark of the newest super-packet, which its pieces get back */
  __u32 pad[2];
};
ZC_STATIC_ASSERT(sizeof(struct zc_stream) == 64, "one cache line");

/* Value of zc_counts, by rule id: drops. Stamped packets are not counted here: the rule's streams
 * count for themselves, one atomic less per packet, and live as long as the rule. */
struct zc_counts {
  __u64 packets[16]; /* by enum zc_verdict */
};
ZC_STATIC_ASSERT(ZC_VERDICT_COUNT <= 16, "counters fit");

/* One bit per hash of a rule's destination: most packets of no rule end here. */
struct zc_filter {
  __u64 words[ZC_FILTER_WORDS];
};

static inline __u32 zc_filter_bit(const __be32 daddr[4], __be16 dport) {
  __u32 mixed = daddr[0] ^ daddr[1] ^ daddr[2] ^ daddr[3];
  mixed = mixed * 0x9e3779b1u + dport; /* 2^32 / golden ratio: spreads neighbours */
  mixed *= 0x85ebca6bu;
  return (mixed >> 12) % ZC_FILTER_BITS;
}

/* A datagram whose first fragment matched a rule: its other fragments carry no ports. */
struct zc_fragment {
  __be32 daddr[4];
  __be32 saddr[4];
  __u32 id; /* identification, as it stands in the packet */
  __u32 family;
};
ZC_STATIC_ASSERT(sizeof(struct zc_fragment) == 40, "hash key without padding");

/* Key of zc_sockets: a socket whose UDP_SEGMENT was set from outside (`--pid`). */
struct zc_socket {
  __u64 cookie; /* SO_COOKIE: unique until the next boot */
};

/* Its value: where to find the socket again, and what to put back. */
struct zc_socket_note {
  __u64 inode; /* as in /proc/PID/fd: "socket:[inode]" */
  __u32 rule;
  __u32 pid;
  __u16 old_segment;  /* its UDP_SEGMENT before */
  __u16 new_segment;  /* what zcctl sets; another value by now is the app's own, */
  __u16 last_segment; /* but for what zcctl had set before: it may have died in between */
  __u16 pad;
};
ZC_STATIC_ASSERT(sizeof(struct zc_socket_note) == 24, "no hidden padding");

/* A piece of a super-packet that already has its room: skb->mark between stage and egress. The
 * other 24 bits are its stream's slot (docs/stage.md). */
#define ZC_PIECE_MARK 0x7a000000u
#define ZC_PIECE_MARK_MASK 0xff000000u
ZC_STATIC_ASSERT(ZC_MAX_STREAMS* ZC_SLOTS_PER_STREAM <= ~ZC_PIECE_MARK_MASK, "slots fit the mark");

/* What is as long is cut by the stage for its length; what is shorter, for its number of pieces.
 * The smallest value that every kernel takes as gso_max_size is a little above 300: MAX_TCP_HEADER
 * (include/net/tcp.h). */
#define ZC_STAGE_CUT_BYTES 400u

/* The program's read-only data, set before it is loaded. */
struct zc_config {
  __u32 l2_bytes;     /* 14: Ethernet; 0: the device carries bare IP */
  __u32 kern_ctx;     /* the kernel has bpf_cast_to_kern_ctx (6.2) */
  __u32 stream_slots; /* entries of zc_slots */
};

enum zc_hook { ZC_HOOK_TCX = 1, ZC_HOOK_CLSACT = 2 };

/* The only value of zc_meta: who made these pins, for what, and the stage. `magic` and `version`
 * keep their place in every version. */
struct zc_meta {
  __u32 magic;
  __u32 version;
  __u64 netns_cookie;
  __u32 ifindex;
  __u32 hook;        /* enum zc_hook */
  __u32 clsact_ours; /* zcctl made the clsact qdisc and removes it when it is empty */
  __u32 stage;       /* ifindex of the stage, which the program reads; 0: none */
  __u32 max_streams;
  __u32 pad;
  char dev[16]; /* the device's name when the rule was made; it may have been renamed */
};
ZC_STATIC_ASSERT(sizeof(struct zc_meta) == 56, "no hidden padding");

#endif /* ZC_ABI_H */
