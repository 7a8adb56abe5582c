/* SPDX-License-Identifier: GPL-2.0-only */
/* RTP on a stream socket: what a rule asks for besides zc_options, and what is kept of a connection
 * (docs/tcp.md). Knows no arithmetic: that is in zc/frame.h. */
#ifndef ZC_ABI_FRAMING_H
#define ZC_ABI_FRAMING_H

#include "zc/abi/flow.h"
#include "zc/abi/rule.h"

enum zc_framing_kind {
  ZC_FRAMING_RFC4571 = 1, /* length (16 bits), RTP: 14 bytes before each payload */
  ZC_FRAMING_INTERLEAVED, /* '$', channel, length, RTP: 16 bytes (RFC 2326 10.12, RFC 7826 14) */
};

/* What ends a frame that has not got its bytes. */
enum zc_frame_end {
  ZC_FRAME_END_CALL = 0, /* a call without MSG_MORE */
  ZC_FRAME_END_NEVER,    /* nothing: what is missing comes with later calls */
};

/* What of a connection goes before the media, and leaves as it is. */
enum zc_skip_kind {
  ZC_SKIP_NONE = 0,
  ZC_SKIP_BYTES, /* so many bytes, once */
  ZC_SKIP_HTTP,  /* each response's head, up to its empty line; Content-Length tells the end */
};

/* Value of zc_framings, by rule id. */
struct zc_framing {
  __u32 bytes; /* payload octets of a frame */
  __u8 kind;   /* enum zc_framing_kind */
  __u8 channel;
  __u8 frame_end; /* enum zc_frame_end */
  __u8 skip;      /* enum zc_skip_kind */
  __u64 skip_bytes;
};
ZC_STATIC_ASSERT(sizeof(struct zc_framing) == 16, "no hidden padding");

#define ZC_FRAME_HEADER_MAX 16u
/* Frames that one look at a message may begin: their headers come in by one push. */
#define ZC_RUN_FRAMES 63u
/* Bytes of a message that make place for the headers of a run, or that a head is read from. */
#define ZC_SAVED_BYTES 1024u
ZC_STATIC_ASSERT((ZC_RUN_FRAMES + 1) * ZC_FRAME_HEADER_MAX <= ZC_SAVED_BYTES, "headers fit");

/* Where the byte stream of a connection is. */
struct zc_frame {
  __u64 number;      /* frames begun */
  __u64 octets;      /* payload octets that these announce */
  __u32 owed;        /* payload octets of the open frame that are still to come */
  __u32 header_left; /* bytes of its header likewise */
  __u32 timestamp;   /* RTP's, of the newest frame */
  __u32 zero;
  __u8 header[ZC_FRAME_HEADER_MAX];
};
ZC_STATIC_ASSERT(sizeof(struct zc_frame) == 48, "no hidden padding");

/* What all frames of a connection have in common. A copy: a rule that is replaced is for the
 * connections that come. */
struct zc_frame_style {
  struct zc_framing framing;
  union zc_how how;
  __u64 first_seq;
  __u64 ticks_q64; /* as zc_options has them */
  __u32 ticks_whole;
  __u32 ssrc;
  __u32 pcr_pid;
  __u32 zero;
};
ZC_STATIC_ASSERT(sizeof(struct zc_frame_style) == 56, "no hidden padding");

enum zc_promise_kind {
  ZC_PROMISE_NONE = 0,
  ZC_PROMISE_FRAMES,
  ZC_PROMISE_HEAD, /* bytes that leave as they are */
};

/* What the kernel was told last: it may do less of it (a full send buffer, a signal). */
struct zc_promise {
  __u32 kind;        /* enum zc_promise_kind */
  __u32 write_seq;   /* tp->write_seq when it was told */
  __u32 pushed_seq;  /* tp->pushed_seq likewise */
  __u32 half_window; /* half of tp->max_window: beyond, the kernel pushes of itself */
  __u32 bytes;       /* of the stream: headers and payload */
  __u32 payload;     /* of the application */
  __u32 end_left;    /* payload from its begin to where a frame ends early; 0: not known */
  __u32 whole;       /* 1: up to the end of an entry, so that MSG_MORE shows */
};

/* What the kernel shows: a call, or as much of it as goes into one message. */
struct zc_message {
  __u32 full;      /* 1: the kernel had no place for more in it */
  __u32 rest;      /* of it, not promised yet */
  __u32 sent;      /* of the application's bytes: went into the stream */
  __u32 popped;    /* likewise: were in the stream before */
  __u32 continued; /* 1: the one before may have been of the same call */
  __u32 tail;      /* 1: place for the header of its last frame is made, before that frame */
};
#define ZC_MESSAGE_GONE (~0u) /* as `rest`: whatever comes is a new one */

/* Did the newest call say MSG_MORE? */
enum zc_more { ZC_MORE_UNKNOWN = 0, ZC_MORE_YES, ZC_MORE_NO };

/* What a call says of itself, where that can be read. */
struct zc_said {
  __u64 where; /* of its bytes, in memory or in a file: tells one call from another */
  __u64 bytes; /* that it brings in all; 0: not known */
  __u32 more;  /* 1: MSG_MORE */
  __u32 zero;
};

/* The call that the newest message is of. */
struct zc_call {
  struct zc_said said;
  __u64 behind; /* bytes of it that come behind the message, or come again */
};

/* What goes before the media, as far as it was read (zc/head.h). Zeros: nothing yet. */
struct zc_head {
  __u64 left;   /* bytes to skip; in a head, its Content-Length; in a body, bytes to its end */
  __u64 number; /* Content-Length, digit by digit; `left` where a body began, if it has a length */
  __u16 status; /* the code, digit by digit */
  __u8 state;   /* enum zc_head_state */
  __u8 line;    /* enum zc_head_line */
  __u8 match;   /* bytes of what is looked for that were found */
  __u8 in_body;
  __u8 has_length; /* the head, or the body's one, had a Content-Length */
  __u8 coded;      /* likewise a Transfer-Encoding: the body is not the media */
};
ZC_STATIC_ASSERT(sizeof(struct zc_head) == 24, "no hidden padding");

/* Value of zc_connections: kept with a socket, as long as that lives. One thread at a time is at
 * it: the one that has the socket's lock. */
struct zc_connection {
  __u32 slot; /* of its stream */
  __u32 rule;
  struct zc_frame_style style;
  struct zc_frame frame, frame_before; /* now, and when the promise was made */
  struct zc_head head, head_before;
  struct zc_promise promise;
  struct zc_message message;
  struct zc_call call;
  __u32 more;     /* enum zc_more: of the newest call that showed it */
  __u32 resent;   /* bytes that the application sends again, though they are in the stream */
  __u32 end_left; /* payload to where a frame ends early; 0: not known */
  __u64 scanned;  /* payload octets of the stream in which PCRs were looked for */
  /* Of the run that is being filled: places in an entry of the message. */
  __u32 to, to_end, from, from_end;
  __u32 time; /* of `times`, the next one's index */
  __u32 zero;
  __u64 markers; /* by bit: M of the frame; of the next run from bit 0 on, once it settled */
  __u32 times[ZC_RUN_FRAMES + 1]; /* RTP timestamps of the frames */
  __u8 saved[ZC_SAVED_BYTES + 64];
};

/* Value of zc_connected, by slot: whose stream it is. */
struct zc_connected {
  struct zc_flow flow; /* this host's end is the source */
  __u64 netns_cookie;
};
ZC_STATIC_ASSERT(sizeof(struct zc_connected) == 48, "no hidden padding");

#endif /* ZC_ABI_FRAMING_H */
