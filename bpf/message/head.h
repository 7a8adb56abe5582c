/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes before the media (`--skip`): leaves as it is. */
#ifndef ZC_MESSAGE_HEAD_H
#define ZC_MESSAGE_HEAD_H

#include "message/place.h"
#include "zc/frame.h"

/* How many of the bytes that are there are the head's; ~0: they cannot be read. Its end is known
 * behind its last byte. */
__noinline __u32 zc_head_bytes(struct sk_msg_md* msg, struct zc_connection* connection) {
  if (!connection) return ~0u; /* never: for the verifier */
  __u32 available = zc_available(msg);

  if (connection->style.framing.skip == ZC_SKIP_BYTES)
    return available < connection->head.left ? available : connection->head.left;
  if (available > ZC_HEAD_PART) available = ZC_HEAD_PART;
  return zc_save(msg, connection, available) ? ~0u : available;
}

/* A body that begins as a response does is none: the head before it answered HEAD, which nothing in
 * a response tells (RFC 9110 9.3.2). Another one that is coded is not the media, and is not framed.
 */
__noinline int zc_body_begin(struct sk_msg_md* msg, struct zc_connection* connection) {
  if (!connection) return -1; /* never: for the verifier */
  void *data = (void*)(long)msg->data, *end = (void*)(long)msg->data_end;

  if (data + ZC_HEAD_VERSION_BYTES <= end && zc_is_response(data))
    connection->head = (struct zc_head){0};
  return connection->head.coded ? -1 : 0;
}

__noinline int zc_head_pass(struct sk_msg_md* msg, struct zc_connection* connection) {
  if (!connection) return -1; /* never: for the verifier */
  __u32 bytes = zc_head_bytes(msg, connection);
  if (bytes == ~0u) return -1;

  connection->end_left = 0;
  zc_promise_make(connection, ZC_PROMISE_HEAD, bytes, bytes, 0);
  if (connection->style.framing.skip == ZC_SKIP_BYTES) {
    connection->head.left -= bytes;
  } else {
    __u32 head = zc_head_read(connection, bytes);
    if (connection->head.state == ZC_HEAD_BROKEN) return -1;
    connection->message.rest += bytes - head;
    connection->promise.bytes = connection->promise.payload = bytes = head;
  }
  bpf_msg_apply_bytes(msg, bytes);
  return 0;
}

#endif /* ZC_MESSAGE_HEAD_H */
