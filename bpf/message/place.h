/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes of a message that lie together: where they are, and moving them there. Knows no frame.
 *
 * Loops are bounded ones in global functions: each is verified once, and a call of bpf_loop for
 * each block would cost more than the block. */
#ifndef ZC_MESSAGE_PLACE_H
#define ZC_MESSAGE_PLACE_H

#include "kernel.h"
#include "zc/abi/framing.h"

#define ZC_ENTRY_BYTES \
  32768u /* that are looked at at once: the kernel's own entries are no longer */
#define ZC_ENTRY_MASK 0x7fffu
#define ZC_BLOCK_BYTES 256u

static __always_inline __u32 zc_entry_bytes(const struct sk_msg_md* msg) {
  return (__u64)msg->data_end - (__u64)msg->data;
}

static __always_inline __u32 zc_available(const struct sk_msg_md* msg) {
  __u32 bytes = zc_entry_bytes(msg);
  return bytes > ZC_ENTRY_BYTES ? ZC_ENTRY_BYTES : bytes;
}

/* In words of 8 bytes, upwards: `to` may overlap with what lies behind it. */
#define ZC_COPY(to, from, bytes)                                                               \
  _Pragma("unroll") for (__u32 _i = 0; _i < (bytes); _i += 8) * (volatile __u64*)((to) + _i) = \
      *(volatile __u64*)((from) + _i)

/* Moves bytes of the entry downwards. Each loop has a smaller step than the one before. */
__noinline int zc_move(struct sk_msg_md* msg, __u32 to, __u32 from, __u32 bytes) {
  void *data = (void*)(long)msg->data, *end = (void*)(long)msg->data_end;

  if (to == from) return 0;
  for (__u32 i = 0; i < 128 && bytes >= ZC_BLOCK_BYTES; i++) {
    void *source = data + (from & ZC_ENTRY_MASK), *target = data + (to & ZC_ENTRY_MASK);
    if (source + ZC_BLOCK_BYTES > end || target + ZC_BLOCK_BYTES > end) return -1;
    ZC_COPY(target, source, ZC_BLOCK_BYTES);
    to += ZC_BLOCK_BYTES, from += ZC_BLOCK_BYTES, bytes -= ZC_BLOCK_BYTES;
  }
  for (__u32 i = 0; i < 32 && bytes >= 8; i++) {
    void *source = data + (from & ZC_ENTRY_MASK), *target = data + (to & ZC_ENTRY_MASK);
    if (source + 8 > end || target + 8 > end) return -1;
    ZC_COPY(target, source, 8);
    to += 8, from += 8, bytes -= 8;
  }
  for (__u32 i = 0; i < 7 && bytes; i++) {
    void *source = data + (from & ZC_ENTRY_MASK), *target = data + (to & ZC_ENTRY_MASK);
    if (source + 1 > end || target + 1 > end) return -1;
    *(volatile __u8*)target = *(volatile __u8*)source;
    to++, from++, bytes--;
  }
  return 0;
}

/* Saves the first bytes of the entry. */
__noinline int zc_save(struct sk_msg_md* msg, struct zc_connection* connection, __u32 bytes) {
  if (!connection) return -1; /* never: for the verifier */
  void *data = (void*)(long)msg->data, *end = (void*)(long)msg->data_end;
  __u32 at = 0;

  for (__u32 i = 0; i < ZC_SAVED_BYTES / 32 && bytes >= 32; i++) {
    asm volatile("" : "+r"(at));
    at &= ZC_SAVED_BYTES - 1;
    if (data + at + 32 > end) return -1;
    ZC_COPY(connection->saved + at, data + at, 32);
    at += 32, bytes -= 32;
  }
  for (__u32 i = 0; i < 31 && bytes; i++) {
    asm volatile("" : "+r"(at));
    at &= ZC_SAVED_BYTES - 1;
    if (data + at + 1 > end) return -1;
    connection->saved[at] = *(volatile __u8*)(data + at);
    at++, bytes--;
  }
  return 0;
}

/* Writes saved bytes into the entry. */
__noinline int zc_restore(struct sk_msg_md* msg, struct zc_connection* connection, __u32 to,
                          __u32 from, __u32 bytes) {
  if (!connection) return -1; /* never: for the verifier */
  void *data = (void*)(long)msg->data, *end = (void*)(long)msg->data_end;

  for (__u32 i = 0; i < ZC_SAVED_BYTES / 32 && bytes >= 32; i++) {
    asm volatile("" : "+r"(from));
    from &= ZC_SAVED_BYTES - 1, to &= 0x7ff;
    if (data + to + 32 > end) return -1;
    ZC_COPY(data + to, connection->saved + from, 32);
    to += 32, from += 32, bytes -= 32;
  }
  for (__u32 i = 0; i < 31 && bytes; i++) {
    asm volatile("" : "+r"(from));
    from &= ZC_SAVED_BYTES - 1, to &= 0x7ff;
    if (data + to + 1 > end) return -1;
    *(volatile __u8*)(data + to) = connection->saved[from];
    to++, from++, bytes--;
  }
  return 0;
}

#endif /* ZC_MESSAGE_PLACE_H */
