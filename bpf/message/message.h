/* SPDX-License-Identifier: GPL-2.0-only */
/* The way of what an application writes into a connection (docs/tcp.md). A run looks at as much of
 * a message as lies together, makes room for headers in front of it with one push, and moves the
 * payload down between them: since Linux 6.5 that is memory of the message's own, also of
 * sendfile(2). What the kernel then sends may be less; the next run begins with finding out.
 *
 * The verdict sends the message to its own socket: after a plain SK_PASS that was cut the kernel
 * does not show what comes next. */
#ifndef ZC_MESSAGE_MESSAGE_H
#define ZC_MESSAGE_MESSAGE_H

#include "ctx/msg.h"
#include "maps/connections.h"
#include "message/call.h"
#include "message/fill.h"
#include "message/head.h"
#include "message/settle.h"
#include "message/times.h"
#include "rtp/count.h"
#include "zc/frame.h"

/* 2. A new message: which bytes of its call it brings. */
__noinline int zc_call(struct zc_connection* connection, __u32 size) {
  if (!connection) return 0; /* never: for the verifier */
  struct zc_said said = {0};

  if (connection->style.framing.frame_end == ZC_FRAME_END_CALL) zc_said_read(connection, &said);
  zc_call_shown(connection, &said, size);
  return 0;
}

/* What the application sends a second time goes. */
static __always_inline int zc_receive(struct sk_msg_md* msg, struct zc_connection* connection) {
  if (!zc_message_is_new(connection, msg->size)) return 0;
  zc_call(connection, msg->size);
  __u32 again = zc_message_shown(connection, msg->size, zc_msg_is_full(msg));
  return again ? bpf_msg_pop_data(msg, 0, again, 0) : 0;
}

/* 3. Room for the headers of the run, filled with the first bytes of what it makes. */
static __always_inline int zc_fill_front(struct sk_msg_md* msg, struct zc_connection* connection,
                                         const struct zc_run* run) {
  __u32 saved = run->payload < run->headers ? run->payload : run->headers;

  if (zc_save(msg, connection, saved) || bpf_msg_push_data(msg, 0, run->headers, 0)) return -1;
  connection->to = 0;
  connection->to_end = run->headers;
  connection->from = 0;
  connection->from_end = saved;
  return zc_fill(msg, connection, 1) ? 0 : -1;
}

/* 4. The payload moves down, with headers between, up to where it ended. */
static __always_inline int zc_fill_rest(struct sk_msg_md* msg, struct zc_connection* connection,
                                        const struct zc_run* run) {
  if (bpf_msg_pull_data(msg, run->headers, run->headers + run->payload, 0)) return -1;
  connection->to = 0;
  connection->to_end = run->payload;
  connection->from_end = run->payload;
  return zc_fill(msg, connection, 0) && connection->from == run->payload ? 0 : -1;
}

static __always_inline int zc_frames(struct sk_msg_md* msg, struct zc_connection* connection,
                                     const struct zc_run* run) {
  connection->time = 0;
  if (!run->headers) { /* all of it belongs to the open frame */
    connection->frame.owed -= run->payload;
    return 0;
  }
  return zc_fill_front(msg, connection, run) || zc_fill_rest(msg, connection, run);
}

/* 5. The stream's numbers are what they will be when the kernel keeps its promise. */
static __always_inline void zc_publish(struct zc_connection* connection, __u64 now_ns) {
  struct zc_stream* stream = zc_stream_at(connection->slot);
  if (!stream || stream->rule != connection->rule) return;
  stream->next_seq = connection->style.first_seq + connection->frame.number;
  stream->octets = connection->frame.octets - connection->frame.owed;
  if (connection->frame.number) zc_clock_note(stream, connection->frame.timestamp, now_ns);
}

/* The time of a message's last frame. Its payload, where the PCRs are, is behind the place for its
 * header: before that is filled there is anything in it. */
static __always_inline int zc_tail_time(struct sk_msg_md* msg, struct zc_connection* connection,
                                        __u32 header, const struct zc_run* run, __u64 now_ns) {
  if (bpf_msg_pull_data(msg, header, header + run->payload, 0)) return -1;
  zc_times(msg, connection, run, now_ns);
  return bpf_msg_pull_data(msg, 0, header, 0);
}

/* The last frame of a message, whose header has place in front of it: whether it gets its bytes
 * from later calls is known by now. */
__noinline int zc_run_tail(struct sk_msg_md* msg, struct zc_connection* connection, __u64 now_ns) {
  if (!connection) return -1; /* never: for the verifier */
  __u32 header = zc_frame_header_bytes(&connection->style.framing);
  __u32 payload = msg->size - header;
  struct zc_run run = {payload, 1, header};

  connection->message.tail = 0;
  connection->message.rest -= header;
  connection->end_left = connection->more == ZC_MORE_YES ? 0 : payload;
  zc_promise_make(connection, ZC_PROMISE_FRAMES, header + payload, payload, 1);
  if (zc_tail_time(msg, connection, header, &run, now_ns)) return -1;
  connection->time = 0;
  connection->to = 0;
  connection->to_end = header;
  zc_fill_open(connection);
  if (zc_fill_header(msg, connection) || connection->frame.header_left) return -1;
  connection->frame.owed -= payload;
  bpf_msg_apply_bytes(msg, header + payload);
  return 0;
}

__noinline int zc_run_frames(struct sk_msg_md* msg, struct zc_connection* connection,
                             __u64 now_ns) {
  if (!connection) return -1; /* never: for the verifier */
  __u32 header = zc_frame_header_bytes(&connection->style.framing);
  struct zc_plan plan = zc_plan_run(connection, msg->size, zc_available(msg));
  struct zc_run run = plan.run;

  if (plan.tail_at) {
    /* Where there is room for one an entry of its own, so that the kernel adds no MSG_MORE to what
     * comes before. */
    if (bpf_msg_push_data(msg, plan.tail_at, header, 0)) return -1;
    connection->message.tail = 1;
    connection->message.rest += header;
  }
  zc_promise_make(connection, ZC_PROMISE_FRAMES, run.payload + run.headers, run.payload,
                  run.payload == zc_entry_bytes(msg));
  zc_times(msg, connection, &run, now_ns);
  if (zc_frames(msg, connection, &run)) return -1;
  zc_body_take(&connection->head, run.payload);
  bpf_msg_apply_bytes(msg, run.payload + run.headers);
  return 0;
}

/* Always told: what the run before told stays in the message. To be told no bytes is to send all
 * of it as it is; none are there where the program may not write, as in kTLS's pages of the
 * application's. */
static __always_inline int zc_run_message(struct sk_msg_md* msg, struct zc_connection* connection,
                                          __u64 now_ns) {
  if (!zc_available(msg)) return -1;
  if (zc_body_begins(&connection->head) && zc_body_begin(msg, connection)) return -1;
  if (zc_is_head(connection)) return zc_head_pass(msg, connection);
  if (connection->message.tail) return zc_run_tail(msg, connection, now_ns);
  return zc_run_frames(msg, connection, now_ns);
}

/* Bytes that cannot be framed must not leave: the connection is broken from here on (EACCES). The
 * kernel keeps the verdict and does not ask again (psock->eval): counted once a connection. */
static __always_inline int zc_break(const struct zc_connection* connection) {
  zc_count(connection->rule, ZC_VERDICT_broken);
  return SK_DROP;
}

static __always_inline int zc_frame_message(struct sk_msg_md* msg, struct zc_connection* connection,
                                            const struct tcp_sock* tp) {
  __u64 now_ns = bpf_ktime_get_ns();
  __u32 slot = connection->slot;

  if (zc_has_upper_layer(tp)) return zc_break(connection);
  zc_settle(connection, tp->write_seq, tp->pushed_seq); /* 1. */
  if (zc_receive(msg, connection)) return zc_break(connection);
  if (!msg->size) {
    bpf_msg_apply_bytes(msg, 0);
    return SK_PASS;
  }
  connection->promise.write_seq = tp->write_seq;
  connection->promise.pushed_seq = tp->pushed_seq;
  connection->promise.half_window = tp->max_window >> 1;
  if (zc_run_message(msg, connection, now_ns)) return zc_break(connection);
  zc_publish(connection, now_ns);
  bpf_msg_redirect_hash(msg, &zc_sockhash, &slot, 0);
  return SK_PASS; /* also where it is not in the table any more: plainly, then */
}

#endif /* ZC_MESSAGE_MESSAGE_H */
