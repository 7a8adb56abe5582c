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

/* What a rule's RTP clock follows (docs/clocks.md). */
enum zc_timestamp {
  ZC_TIMESTAMP_WALL = 0, /* CLOCK_MONOTONIC at the packet's leaving */
  ZC_TIMESTAMP_PCR,     /* the transport stream's own clock (RFC 2250 2); until one is seen, WALL */
  ZC_TIMESTAMP_SAMPLES, /* payload octets, at the format's rate (RFC 3551 4.1) */
  ZC_TIMESTAMP_BYTES,   /* payload octets, at the bit rate that the operator gave */
  ZC_TIMESTAMP_PACKET,  /* packets: so many ticks each */
};

/* What keeps a rule's packets back before they are stamped (docs/pacing.md). */
enum zc_pace {
  ZC_PACE_NONE = 0,
  ZC_PACE_RATE, /* rate_bps */
  ZC_PACE_PCR,  /* the transport stream's own clock */
};

/* Where the sender reports of a rule's streams go (docs/rtcp.md). */
enum zc_rtcp {
  ZC_RTCP_OFF = 0,
  ZC_RTCP_ON,  /* the port behind RTP's (RFC 3550 11) */
  ZC_RTCP_MUX, /* RTP's own port (RFC 5761) */
};

enum zc_media { ZC_MEDIA_UNKNOWN = 0, ZC_MEDIA_AUDIO, ZC_MEDIA_VIDEO };

enum zc_rule_flags {
  ZC_RULE_FIXED_SSRC = 1 << 0, /* first values that the operator gave; random otherwise */
  ZC_RULE_FIXED_SEQ = 1 << 1,
  ZC_RULE_FIXED_TS = 1 << 2,
  ZC_RULE_CHECKSUM_AUTO = 1 << 3,  /* `checksum` was chosen by zcctl: for show only */
  ZC_RULE_TIMESTAMP_AUTO = 1 << 4, /* `timestamp` likewise */
  ZC_RULE_RTCP_AUTO = 1 << 5,      /* `rtcp` likewise */
  ZC_RULE_CONTINUE = 1 << 6,       /* one stream a destination, whoever sends */
};

/* How a rule's packets are written. Eight bytes, so that one load sees one state of a rule that
 * is replaced under traffic. */
union zc_how {
  struct {
    __u8 payload_type;         /* 7 bits */
    __u8 checksum;             /* enum zc_checksum */
    __u8 payload_header_bytes; /* zeros after the RTP header: 0, or 4 for MPA */
    __u8 flags;                /* enum zc_rule_flags */
    __u8 timestamp;            /* enum zc_timestamp */
    __u8 pace;                 /* enum zc_pace */
    __u8 rtcp;                 /* enum zc_rtcp: no packet asks for it */
    __u8 media;                /* enum zc_media: likewise, for SDP */
  };
  __u64 word;
};
ZC_STATIC_ASSERT(sizeof(union zc_how) == 8, "read by one load");

#define ZC_NO_PID 0xffffu /* a PID has 13 bits */

/* What an operator may say of a rule but its match. Without padding, so that it is compared and
 * copied whole, whatever is added. Its size is that of zc_rules' values: one that grows makes a new
 * layout (ZC_ABI_VERSION), whose rules a take-over has to convert. */
struct zc_options {
  union zc_how how;
  /* RTP ticks for each unit of what the clock follows: nanoseconds (wall and pcr), payload octets
   * (samples and bytes), packets. */
  __u64 ticks_q64;   /* what is less than a tick, times 2^64 */
  __u32 ticks_whole; /* whole ones */
  __u32 clock_hz;    /* ticks a second, as SDP declares them */
  __u32 first_ssrc;
  __u32 first_ts;
  __u32 first_seq;
  __u32 segment_bytes; /* `--segment`: for zcctl only, packets tell by themselves; 0: not given */
  __u64 rate_bps;      /* `--rate`: bits of payload a second; 0: not given */
  __u64 clock_bps;     /* `--timestamp bytes:BPS`: likewise, for show only; `ticks` says it all */
  __u32 idle_s;        /* `--idle`: seconds after which a silent stream is freed; 0: never */
  __u32 ptime_us;      /* `--ptime`: for SDP; 0: not given */
  __u16 pcr_pid;       /* whose PCRs are followed; ZC_NO_PID: the first one's that is seen */
  __u16 zeros[3];
  char payload_name[32]; /* "MP2T", "opus/48000/2", or empty; NUL-terminated */
  char fmtp[128];        /* `--fmtp`: for SDP; likewise */
};
ZC_STATIC_ASSERT(sizeof(struct zc_options) == 232, "no hidden padding, and whole words");

/* Value of zc_rules, an array: the index is the rule's id. Which ids are in use, zc_match says. */
struct zc_rule {
  struct zc_flow match;
  struct zc_options options;
};
ZC_STATIC_ASSERT(sizeof(struct zc_rule) == 272, "no hidden padding");

#endif /* ZC_ABI_RULE_H */
