/* SPDX-License-Identifier: GPL-2.0-only */
/* RTP frames on a stream of bytes: what comes next, a header or payload, and where that is when the
 * kernel has done less than it was told. Knows no message and no clock; the program at the socket
 * and the tests share it. */
#ifndef ZC_FRAME_H
#define ZC_FRAME_H

#include "zc/abi/framing.h"
#include "zc/head.h"
#include "zc/wire/rtp.h"

#if defined(__bpf__)
#include <bpf/bpf_endian.h>
#define ZC_BE16(x) bpf_htons(x)
#else
#include <arpa/inet.h>
#define ZC_BE16(x) htons(x)
#endif

#define ZC_RFC4571_BYTES 2u     /* length (RFC 4571 2) */
#define ZC_INTERLEAVED_BYTES 4u /* '$', channel, length (RFC 2326 10.12) */
/* An RTP packet's length has 16 bits there. */
#define ZC_FRAME_BYTES_MAX (0xffffu - (__u32)sizeof(struct zc_rtp_header))

ZC_INLINE __u32 zc_frame_header_bytes(const struct zc_framing* framing) {
  __u32 bytes = framing->kind == ZC_FRAMING_INTERLEAVED ? ZC_INTERLEAVED_BYTES : ZC_RFC4571_BYTES;
  return bytes + (__u32)sizeof(struct zc_rtp_header);
}

/* The header of a frame, in halves of a word: RTP behind a length of 16 bits is not aligned. */
struct zc_rfc4571_header {
  __be16 length;
  __u8 v_p_x_cc, m_pt;
  __be16 seq;
  __be16 timestamp[2];
  __be16 ssrc[2];
};
ZC_STATIC_ASSERT(sizeof(struct zc_rfc4571_header) == 14, "RFC 4571 2, RFC 3550 5.1");

/* Opens the next frame, of `length` payload octets. */
ZC_INLINE void zc_frame_open(struct zc_frame* frame, const struct zc_frame_style* style,
                             __u32 length, __u32 timestamp, int marker) {
  __u32 interleaved = style->framing.kind == ZC_FRAMING_INTERLEAVED, at = interleaved ? 2 : 0;
  struct zc_rfc4571_header* header = (struct zc_rfc4571_header*)(void*)(frame->header + at);

  if (interleaved) {
    frame->header[0] = '$';
    frame->header[1] = style->framing.channel;
  }
  header->length = ZC_BE16((__u16)(length + sizeof(struct zc_rtp_header)));
  header->v_p_x_cc = ZC_RTP_VERSION_2;
  header->m_pt = (__u8)(style->how.payload_type | (marker ? ZC_RTP_MARKER_BIT : 0));
  header->seq = ZC_BE16((__u16)(style->first_seq + frame->number));
  header->timestamp[0] = ZC_BE16((__u16)(timestamp >> 16));
  header->timestamp[1] = ZC_BE16((__u16)timestamp);
  header->ssrc[0] = ZC_BE16((__u16)(style->ssrc >> 16));
  header->ssrc[1] = ZC_BE16((__u16)style->ssrc);
  frame->timestamp = timestamp;
  frame->number++;
  frame->octets += length;
  frame->owed = length;
  frame->header_left = zc_frame_header_bytes(&style->framing);
}

/* What one run takes of the bytes that are there. */
struct zc_run {
  __u32 payload;
  __u32 frames;  /* that begin in it */
  __u32 headers; /* bytes: those, and what is left of the open frame's */
};

ZC_INLINE struct zc_run zc_run_of(const struct zc_frame* frame, const struct zc_frame_style* style,
                                  __u32 available) {
  struct zc_run run = {available, 0, frame->header_left};
  __u32 bytes = style->framing.bytes;

  if (available > frame->owed && bytes) {
    run.frames = (available - frame->owed + bytes - 1) / bytes;
    if (run.frames > ZC_RUN_FRAMES) {
      run.frames = ZC_RUN_FRAMES;
      run.payload = frame->owed + ZC_RUN_FRAMES * bytes;
    }
    run.headers += run.frames * zc_frame_header_bytes(&style->framing);
  }
  return run;
}

/* Payload octets of a frame that begins where so many are left up to where one ends early. */
ZC_INLINE __u32 zc_frame_length(const struct zc_frame_style* style, __u32 end_left) {
  return end_left && end_left < style->framing.bytes ? end_left : style->framing.bytes;
}

/* Takes at most `most` bytes of what is left; says how many. */
ZC_INLINE __u32 zc_take_of(__u32* left, __u32 most) {
  __u32 taken = *left < most ? *left : most;
  *left -= taken;
  return taken;
}

/* Goes on from where the promise was made by the `accepted` bytes of the stream that the kernel
 * took. Returns the payload octets among them. */
ZC_INLINE __u32 zc_frame_replay(struct zc_connection* connection, __u32 accepted) {
  struct zc_frame* frame = &connection->frame;
  const struct zc_frame_style* style = &connection->style;
  __u32 end_left = connection->promise.end_left, bytes = style->framing.bytes;
  __u32 header = zc_frame_header_bytes(&style->framing), payload, whole, length;

  *frame = connection->frame_before;
  accepted -= zc_take_of(&frame->header_left, accepted);
  payload = zc_take_of(&frame->owed, accepted);
  accepted -= payload;
  if (!accepted) return payload;

  whole = accepted / (header + bytes);
  if (end_left && whole > (end_left - payload) / bytes) whole = (end_left - payload) / bytes;
  frame->number += whole;
  frame->octets += (__u64)whole * bytes;
  if (whole) frame->timestamp = connection->times[(whole - 1) & ZC_RUN_FRAMES];
  payload += whole * bytes;
  accepted -= whole * (header + bytes);
  if (!accepted) return payload;

  length = zc_frame_length(style, end_left ? end_left - payload : 0);
  zc_frame_open(frame, style, length, connection->times[whole & ZC_RUN_FRAMES],
                (int)(connection->markers >> (whole & ZC_RUN_FRAMES) & 1));
  accepted -= zc_take_of(&frame->header_left, accepted);
  return payload + zc_take_of(&frame->owed, accepted);
}

/* --- a head ------------------------------------------------------------------------------- */

#define ZC_HEAD_PART 256u /* bytes that are read at a time */

/* A global function: its paths are verified once, not once for each byte. */
ZC_GLOBAL int zc_head_step(struct zc_connection* connection, __u32 at) {
  if (!connection) return 0; /* never: for the verifier */
  return zc_head_take(&connection->head, connection->saved[at & (ZC_HEAD_PART - 1)]);
}

/* Reads what was saved of a head, up to its end or `most` bytes; returns how many were read. */
ZC_INLINE __u32 zc_head_read(struct zc_connection* connection, __u32 most) {
  for (__u32 i = 0; i < ZC_HEAD_PART && i < most; i++)
    if (zc_head_step(connection, i)) return i + 1;
  return most < ZC_HEAD_PART ? most : ZC_HEAD_PART;
}

/* Says whether the next bytes leave as they are. */
ZC_INLINE int zc_is_head(const struct zc_connection* connection) {
  __u8 skip = connection->style.framing.skip;
  if (skip == ZC_SKIP_BYTES) return connection->head.left != 0;
  return skip == ZC_SKIP_HTTP && !connection->head.in_body;
}

/* --- what the kernel did with a promise ------------------------------------------------------ */

/* The message is gone: what the kernel did not take of it, or takes again, comes with another one
 * of its call (splice(2) goes on after a cut), or of the next one. */
ZC_INLINE void zc_message_lost(struct zc_connection* connection, __u32 again) {
  struct zc_message* message = &connection->message;
  __u32 header = message->tail ? zc_frame_header_bytes(&connection->style.framing) : 0;

  connection->call.behind += message->rest - header + again;
  message->rest = ZC_MESSAGE_GONE;
  message->full = 0;
}

/* Of frames it took so many bytes. What it told the application, as far as that is not below 0, is
 * what it had taken less all that it gave back, headers too: as many bytes of payload as these come
 * a second time (tcp_bpf_send_verdict, tcp_bpf_sendmsg). */
ZC_INLINE void zc_frames_cut(struct zc_connection* connection, __u32 accepted) {
  const struct zc_promise* promise = &connection->promise;
  struct zc_message* message = &connection->message;
  __u32 payload = zc_frame_replay(connection, accepted);
  __u32 headers = promise->bytes - accepted - (promise->payload - payload), known;

  if (message->tail) headers += zc_frame_header_bytes(&connection->style.framing);
  message->sent += payload;
  known = message->popped + message->sent;
  connection->resent = !message->continued && headers > known ? known : headers;
  connection->head = connection->head_before;
  zc_body_take(&connection->head, payload);
  zc_message_lost(connection, promise->payload - payload + connection->resent);
}

ZC_INLINE void zc_head_cut(struct zc_connection* connection, __u32 accepted) {
  connection->head = connection->head_before;
  if (connection->style.framing.skip == ZC_SKIP_BYTES)
    connection->head.left -= accepted;
  else
    zc_head_read(connection, accepted);
  zc_message_lost(connection, connection->promise.payload - accepted);
}

/* Will the sequence numbers behind so many more bytes tell of MSG_MORE? The kernel pushes at the
 * end of a call without, and of itself when more than half a window was not pushed (forced_push).
 */
ZC_INLINE int zc_will_tell(const struct zc_promise* promise, __u32 bytes) {
  return promise->write_seq + bytes - promise->pushed_seq <= promise->half_window;
}

/* A call without MSG_MORE behind which nothing waits to be sent, because its last byte has filled a
 * segment that left at once, is not marked as pushed: one in size_goal is taken for one with it. */
ZC_INLINE void zc_learn_more(struct zc_connection* connection, __u32 write_seq, __u32 pushed_seq) {
  const struct zc_promise* promise = &connection->promise;
  if (!promise->whole || !zc_will_tell(promise, promise->bytes)) return;
  connection->more = pushed_seq == write_seq ? ZC_MORE_NO : ZC_MORE_YES;
}

/* Of frames that the kernel gave back the markers stay, for those that are made in their place:
 * what they were found by is not looked at again. */
ZC_INLINE void zc_markers_take(struct zc_connection* connection) {
  __u64 opened = connection->frame.number - connection->frame_before.number;
  connection->markers >>= opened & ZC_RUN_FRAMES;
}

/* The program runs again: what became of the promise before? */
ZC_INLINE void zc_promise_settle(struct zc_connection* connection, __u32 write_seq,
                                 __u32 pushed_seq) {
  struct zc_promise* promise = &connection->promise;
  __u32 accepted = write_seq - promise->write_seq, kind = promise->kind;

  promise->kind = ZC_PROMISE_NONE;
  if (kind == ZC_PROMISE_NONE) return;
  if (accepted == promise->bytes) {
    connection->message.sent += promise->payload;
    zc_learn_more(connection, write_seq, pushed_seq);
  } else if (kind == ZC_PROMISE_FRAMES) {
    zc_frames_cut(connection, accepted);
  } else {
    zc_head_cut(connection, accepted);
  }
  if (kind == ZC_PROMISE_FRAMES) zc_markers_take(connection);
}

/* A message of so many bytes is shown: a new one, or what is left of the one before? */
ZC_INLINE int zc_message_is_new(const struct zc_connection* connection, __u32 size) {
  return size != connection->message.rest;
}

/* A new one. `full`: the kernel had no place for more of its call in it; only then the next one may
 * be of the same call. Returns how many of its first bytes are in the stream already, and have to
 * go. */
ZC_INLINE __u32 zc_message_shown(struct zc_connection* connection, __u32 size, int full) {
  struct zc_message* message = &connection->message;
  __u32 again = zc_take_of(&connection->resent, size);
  message->continued = message->full;
  message->full = (__u32)full;
  message->rest = size - again;
  message->sent = 0;
  message->popped = again;
  message->tail = 0;
  return again;
}

/* The call that brings a new message of so many bytes. One that says what the newest one said goes
 * on with it, as long as that has bytes to come: had it ended before, the application would not
 * have said the same again. */
ZC_INLINE void zc_call_shown(struct zc_connection* connection, const struct zc_said* said,
                             __u32 size) {
  struct zc_call* call = &connection->call;
  int goes_on = call->said.where == said->where && call->said.bytes == said->bytes;
  __u64 left = goes_on && call->behind >= size ? call->behind : said->bytes;

  call->said = *said;
  if (left < size) call->said.bytes = 0;
  call->behind = left < size ? 0 : left - size;
  if (call->said.bytes) connection->more = said->more ? ZC_MORE_YES : ZC_MORE_NO;
}

/* --- what is next ------------------------------------------------------------------------------
 */

struct zc_plan {
  struct zc_run run;
  /* Where the last frame of the message begins, that its call may end; 0: not here. */
  __u32 tail_at;
};

/* Of a call that cannot be read: says where in the message a frame begins that does not get its
 * bytes in it; 0: in none of the first `available`. One that is the whole message ends where the
 * calls before have ended theirs. Behind a message that is full there may come more of its call. */
ZC_INLINE __u32 zc_tail_at(struct zc_connection* connection, __u32 size, __u32 available) {
  __u32 bytes = connection->style.framing.bytes, owed = connection->frame.owed, tail;

  if (connection->message.full) return 0;
  if (size <= owed || !bytes) return 0;
  tail = (size - owed) % bytes;
  if (!tail) return 0;
  if (tail == size && connection->more != ZC_MORE_YES) connection->end_left = tail;
  return tail < size && size - tail <= available ? size - tail : 0;
}

/* Plans a run up to the message's last frame, whose length is due next. Where the sequence numbers
 * would not tell of MSG_MORE behind it, it ends a byte earlier: then half a window is free again,
 * and the byte by itself tells. */
ZC_INLINE void zc_plan_tail(const struct zc_connection* connection, __u32 available,
                            struct zc_plan* plan) {
  __u32 at = plan->tail_at;

  plan->run = zc_run_of(&connection->frame, &connection->style, at);
  if (plan->run.payload < at || at == available) plan->tail_at = 0;
  if (plan->run.payload < at || at == 1) return;
  if (zc_will_tell(&connection->promise, plan->run.payload + plan->run.headers)) return;
  plan->run = zc_run_of(&connection->frame, &connection->style, at - 1);
  plan->tail_at = 0;
}

ZC_INLINE __u32 zc_end_left(__u64 octets) {
  return octets > 0x7fffffff ? 0x7fffffff : (__u32)octets;
}

/* Plans a run over the first `available` bytes, that lie together, of a message of `size`. */
ZC_INLINE struct zc_plan zc_plan_run(struct zc_connection* connection, __u32 size,
                                     __u32 available) {
  const struct zc_head* head = &connection->head;
  struct zc_plan plan = {{0, 0, 0}, 0};

  connection->end_left = 0;
  if (head->in_body && head->has_length) {
    if (available > head->left) available = (__u32)head->left;
    connection->end_left = zc_end_left(head->left);
  } else if (connection->style.framing.frame_end == ZC_FRAME_END_CALL) {
    if (connection->call.said.bytes)
      connection->end_left =
          connection->call.said.more ? 0 : zc_end_left(connection->call.behind + size);
    else
      plan.tail_at = zc_tail_at(connection, size, available);
  }
  if (plan.tail_at)
    zc_plan_tail(connection, available, &plan);
  else
    plan.run = zc_run_of(&connection->frame, &connection->style, available);
  return plan;
}

/* Remembers what the kernel is told, before the frames are written. */
ZC_INLINE void zc_promise_make(struct zc_connection* connection, __u32 kind, __u32 bytes,
                               __u32 payload, int whole) {
  struct zc_promise* promise = &connection->promise;
  promise->kind = kind;
  promise->bytes = bytes;
  promise->payload = payload;
  promise->end_left = connection->end_left;
  promise->whole = (__u32)whole;
  connection->frame_before = connection->frame;
  connection->head_before = connection->head;
  connection->message.rest -= payload;
}

#endif /* ZC_FRAME_H */
