/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes frames into the entries of a message: headers, and the payload behind them. What is where
 * is in the connection (`to`, `from`); knows no plan and no promise. */
#ifndef ZC_MESSAGE_FILL_H
#define ZC_MESSAGE_FILL_H

#include "message/place.h"
#include "zc/frame.h"

/* Writes what is left of the open frame's header, as far as there is room. */
__noinline int zc_fill_header(struct sk_msg_md* msg, struct zc_connection* connection) {
  if (!connection) return -1; /* never: for the verifier */
  void *data = (void*)(long)msg->data, *end = (void*)(long)msg->data_end;
  __u32 header = zc_frame_header_bytes(&connection->style.framing);
  __u32 at = header - connection->frame.header_left;

  for (__u32 i = 0; i < ZC_FRAME_HEADER_MAX; i++) {
    if (!connection->frame.header_left || connection->to >= connection->to_end) break;
    asm volatile("" : "+r"(at));
    at &= ZC_FRAME_HEADER_MAX - 1;
    void* target = data + (connection->to & ZC_ENTRY_MASK);
    if (target + 1 > end) return -1;
    *(volatile __u8*)target = connection->frame.header[at];
    at++;
    connection->to++;
    connection->frame.header_left--;
  }
  return 0;
}

/* The usual case: the header of a frame fits as a whole. False: it does not. */
static __always_inline bool zc_fill_whole_header(struct sk_msg_md* msg,
                                                 struct zc_connection* connection) {
  void *data = (void*)(long)msg->data, *end = (void*)(long)msg->data_end;
  void* target = data + (connection->to & ZC_ENTRY_MASK);
  __u32 bytes = zc_frame_header_bytes(&connection->style.framing);
  const __u8* header = connection->frame.header;

  if (connection->frame.header_left != bytes || connection->to_end - connection->to < bytes ||
      target + ZC_FRAME_HEADER_MAX > end)
    return false;
  *(volatile __u64*)target = *(const __u64*)header;
  if (bytes == ZC_FRAME_HEADER_MAX) {
    *(volatile __u64*)(target + 8) = *(const __u64*)(header + 8);
  } else {
    *(volatile __u32*)(target + 8) = *(const __u32*)(header + 8);
    *(volatile __u16*)(target + 12) = *(const __u16*)(header + 12);
  }
  connection->to += bytes;
  connection->frame.header_left = 0;
  return true;
}

/* Opens the next frame of the run. */
static __always_inline void zc_fill_open(struct zc_connection* connection) {
  __u32 time = connection->time & ZC_RUN_FRAMES;
  __u32 length = zc_frame_length(&connection->style, connection->end_left);

  zc_frame_open(&connection->frame, &connection->style, length, connection->times[time],
                connection->markers >> time & 1);
  connection->time++;
}

/* One frame, or what of it has room: a header where one is due, then payload. */
__noinline int zc_fill_frame(struct sk_msg_md* msg, struct zc_connection* connection,
                             __u32 from_saved) {
  if (!connection) return -1; /* never: for the verifier */
  struct zc_frame* frame = &connection->frame;

  if (!frame->owed && !frame->header_left) zc_fill_open(connection);
  if (frame->header_left && !zc_fill_whole_header(msg, connection) &&
      zc_fill_header(msg, connection))
    return -1;
  if (connection->to >= connection->to_end) return 0;

  __u32 bytes = frame->owed, room = connection->to_end - connection->to;
  if (bytes > room) bytes = room;
  if (bytes > connection->from_end - connection->from)
    bytes = connection->from_end - connection->from;
  if (!bytes) return -1;
  if (from_saved ? zc_restore(msg, connection, connection->to, connection->from, bytes)
                 : zc_move(msg, connection->to, connection->from, bytes))
    return -1;
  connection->to += bytes;
  connection->from += bytes;
  frame->owed -= bytes;
  if (connection->end_left) connection->end_left -= bytes;
  return 0;
}

/* Fills the entry from `to` up to `to_end`; true where that is done to the byte. */
__noinline int zc_fill(struct sk_msg_md* msg, struct zc_connection* connection, __u32 from_saved) {
  if (!connection) return 0; /* never: for the verifier */
  for (__u32 i = 0; i < ZC_RUN_FRAMES + 2; i++) {
    if (connection->to >= connection->to_end) break;
    if (zc_fill_frame(msg, connection, from_saved)) return 0;
  }
  return connection->to == connection->to_end;
}

#endif /* ZC_MESSAGE_FILL_H */
