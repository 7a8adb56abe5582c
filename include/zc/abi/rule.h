/* SPDX-License-Identifier: GPL-2.0-only */
/* A rule: which flows it takes and how their packets are written. Knows no stream. */
#ifndef ZC_ABI_RULE_H
#define ZC_ABI_RULE_H

#include "zc/abi/flow.h"

#define ZC_MAX_RULES 16384u
#define ZC_NO_RULE (~0u)

/* How a stamped packet's UDP checksum becomes right (docs/checksums.md). */
enum zc_checksum {
  ZC_CHECKSUM_LCO = 1,
  ZC_CHECKSUM_ZERO = 2,
  ZC_CHECKSUM_SUM = 3, /* until layout 3 named full */
  ZC_CHECKSUM_UNI = 4,
};

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

/* What an operator may say of a rule but its match. Without padding, so that it is compared and
 * copied whole, whatever is added. Its size is that of zc_rules' values: one that grows makes a new
 * layout (ZC_ABI_VERSION), whose rules a take-over has to convert. */
struct zc_options {
  union zc_how how;
  __u64 ticks_q64; /* clock ticks per nanosecond, times 2^64 */
  __u32 first_ssrc;
  __u32 first_ts;
  __u32 first_seq;
  __u32 segment_bytes;   /* `--segment`: for zcctl only, packets tell by themselves; 0: not given */
  char payload_name[24]; /* "MP2T", or empty; NUL-terminated */
};
ZC_STATIC_ASSERT(sizeof(struct zc_options) == 56, "no hidden padding, and whole words");

/* Value of zc_rules, an array: the index is the rule's id. Which ids are in use, zc_match says. */
struct zc_rule {
  struct zc_flow match;
  struct zc_options options;
};
ZC_STATIC_ASSERT(sizeof(struct zc_rule) == 96, "no hidden padding");
ZC_STATIC_ASSERT(__builtin_offsetof(struct zc_rule, options.how) == 40, "as in layout 2");
ZC_STATIC_ASSERT(__builtin_offsetof(struct zc_rule, options.ticks_q64) == 48, "as in layout 2");
ZC_STATIC_ASSERT(__builtin_offsetof(struct zc_rule, options.first_ssrc) == 56, "as in layout 2");
ZC_STATIC_ASSERT(__builtin_offsetof(struct zc_rule, options.first_seq) == 64, "as in layout 2");
ZC_STATIC_ASSERT(__builtin_offsetof(struct zc_rule, options.payload_name) == 72, "as in layout 2");

#endif /* ZC_ABI_RULE_H */
