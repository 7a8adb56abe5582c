/* SPDX-License-Identifier: GPL-2.0-only */
/* The head of an HTTP response, byte by byte: where it ends, and how long the body is (RFC 9112 2,
 * 5, 6). What it does not understand is broken, never media. Knows no frame, no message. */
#ifndef ZC_HEAD_H
#define ZC_HEAD_H

#include "zc/abi/framing.h"

/* What a byte is read as (`state`). */
enum zc_head_state {
  ZC_HEAD_STATUS = 0, /* the status line, up to the code's last digit */
  ZC_HEAD_NAME,       /* of "Content-Length" or "Transfer-Encoding", `match` letters */
  ZC_HEAD_LENGTH,     /* value of Content-Length; `match`: enum zc_head_digits */
  ZC_HEAD_OTHER,      /* anything else, up to the line's end */
  ZC_HEAD_BROKEN,     /* nobody knows where the body ends, or it is no response at all: for good */
};

enum zc_head_digits { ZC_HEAD_BEFORE_DIGITS = 0, ZC_HEAD_IN_DIGITS, ZC_HEAD_BEHIND_DIGITS };

/* Of the line that is being read (`line`). */
enum zc_head_line { ZC_HEAD_LINE_EMPTY = 0, ZC_HEAD_LINE_CR, ZC_HEAD_LINE_MORE };

#define ZC_HEAD_VERSION_BYTES 7u /* "HTTP/1." */
#define ZC_HEAD_STATUS_BYTES 12u /* "HTTP/1.1 200" */
#define ZC_HEAD_LENGTH_BYTES 14u /* "content-length" */
#define ZC_HEAD_CODING_BYTES 17u /* "transfer-encoding" */
#define ZC_HEAD_CODING 32u       /* as `match`: a name that begins with t has shown so many less */
/* Of what is below 2^63 all but the last few: ten times this and a digit do not wrap. */
#define ZC_HEAD_NUMBER_MAX 922337203685477579ull

/* Letters of a name in words of 8, the first one lowest. */
ZC_INLINE __u8 zc_head_letter(__u32 at, __u64 first, __u64 second, __u64 third) {
  __u64 word = at < 8 ? first : at < 16 ? second : third;
  return (__u8)(word >> ((at & 7) * 8));
}

ZC_INLINE __u8 zc_head_version_letter(__u32 at) {
  return zc_head_letter(at, 0x2e312f50545448ull /* "HTTP/1." */, 0, 0);
}

ZC_INLINE __u8 zc_head_length_letter(__u32 at) {
  return zc_head_letter(at, 0x2d746e65746e6f63ull, 0x6874676e656cull, 0);
}

ZC_INLINE __u8 zc_head_coding_letter(__u32 at) {
  return zc_head_letter(at, 0x726566736e617274ull, 0x6e69646f636e652dull, 'g');
}

ZC_INLINE int zc_is_digit(__u8 byte) {
  return byte >= '0' && byte <= '9';
}

/* CR: one in the midst of a line is as good as a space (RFC 9112 2.2). */
ZC_INLINE int zc_is_space(__u8 byte) {
  return byte == ' ' || byte == '\t' || byte == '\r';
}

/* "HTTP/1.1 200": a version of one digit (RFC 9112 2.3), a status of three (4). */
ZC_INLINE void zc_head_take_status(struct zc_head* head, __u8 byte) {
  __u32 at = head->match++;
  int fits = zc_is_digit(byte);

  if (at < ZC_HEAD_VERSION_BYTES)
    fits = byte == zc_head_version_letter(at);
  else if (at == ZC_HEAD_VERSION_BYTES + 1)
    fits = byte == ' ';
  else if (at == ZC_HEAD_STATUS_BYTES)
    fits = zc_is_space(byte);
  if (at > ZC_HEAD_VERSION_BYTES + 1 && at < ZC_HEAD_STATUS_BYTES)
    head->status = (__u16)(head->status * 10 + (byte - '0'));
  if (at == ZC_HEAD_STATUS_BYTES) head->state = ZC_HEAD_OTHER;
  if (!fits) head->state = ZC_HEAD_BROKEN;
}

/* A name is in letters of any case. White space before its colon is none of it (RFC 9112 5.1). */
ZC_INLINE void zc_head_take_name(struct zc_head* head, __u8 byte) {
  __u8 lower = byte >= 'A' && byte <= 'Z' ? (__u8)(byte + 32) : byte;

  if (!head->match && lower == 't') head->match = ZC_HEAD_CODING;
  __u32 coding = head->match & ZC_HEAD_CODING, at = head->match & (ZC_HEAD_CODING - 1);
  __u32 all = coding ? ZC_HEAD_CODING_BYTES : ZC_HEAD_LENGTH_BYTES;
  if (at == all && zc_is_space(byte)) return;
  if (at == all && byte == ':') {
    head->state = coding ? ZC_HEAD_OTHER : ZC_HEAD_LENGTH;
    head->match = ZC_HEAD_BEFORE_DIGITS;
    if (coding) head->coded = 1;
    return;
  }
  if (at < all && lower == (coding ? zc_head_coding_letter(at) : zc_head_length_letter(at)))
    head->match++;
  else
    head->state = ZC_HEAD_OTHER;
}

/* Behind one number of a Content-Length. Several are one where they are the same, in lines or in a
 * list (RFC 9110 8.6). */
ZC_INLINE void zc_head_number_end(struct zc_head* head) {
  if (head->match == ZC_HEAD_BEFORE_DIGITS || (head->has_length && head->left != head->number))
    head->state = ZC_HEAD_BROKEN;
  head->left = head->number;
  head->has_length = 1;
  head->number = 0;
  head->match = ZC_HEAD_BEFORE_DIGITS;
}

ZC_INLINE void zc_head_take_length(struct zc_head* head, __u8 byte) {
  if (byte == ',') {
    zc_head_number_end(head);
  } else if (zc_is_space(byte)) {
    if (head->match == ZC_HEAD_IN_DIGITS) head->match = ZC_HEAD_BEHIND_DIGITS;
  } else if (zc_is_digit(byte) && head->match != ZC_HEAD_BEHIND_DIGITS &&
             head->number <= ZC_HEAD_NUMBER_MAX) {
    head->number = head->number * 10 + (byte - '0');
    head->match = ZC_HEAD_IN_DIGITS;
  } else {
    head->state = ZC_HEAD_BROKEN;
  }
}

/* A field has ended: the next line does not continue it (obs-fold, RFC 9112 5.2). */
ZC_INLINE void zc_head_field_end(struct zc_head* head) {
  if (head->state == ZC_HEAD_LENGTH) zc_head_number_end(head);
  if (head->state == ZC_HEAD_BROKEN) return;
  head->state = ZC_HEAD_NAME;
  head->match = 0;
}

/* Behind the empty line. Informational responses, 204 and 304 have no body, whatever their fields
 * say (RFC 9112 6.3); behind 101 the connection is no HTTP any more. */
ZC_INLINE void zc_head_end(struct zc_head* head) {
  __u32 status = head->status;
  int bodiless = status < 200 || status == 204 || status == 304;

  zc_head_field_end(head);
  if (status == 101) head->state = ZC_HEAD_BROKEN;
  if (head->state == ZC_HEAD_BROKEN) return;
  if (bodiless) head->coded = 0;
  if (bodiless || head->coded) head->left = head->has_length = 0;
  head->state = ZC_HEAD_STATUS;
  head->match = 0;
  head->status = 0;
  head->in_body = head->coded || head->left || (!bodiless && !head->has_length);
  if (!head->in_body) head->has_length = 0;
  head->number = head->left;
}

/* Returns 1 behind the head. An LF alone ends a line, too (RFC 9112 2.2). */
ZC_INLINE int zc_head_line_end(struct zc_head* head) {
  int empty = head->line != ZC_HEAD_LINE_MORE;

  head->line = ZC_HEAD_LINE_EMPTY;
  if (head->state == ZC_HEAD_STATUS) { /* empty lines before a response are nothing */
    if (empty) return 0;
    head->state = head->match == ZC_HEAD_STATUS_BYTES ? ZC_HEAD_OTHER : ZC_HEAD_BROKEN;
  } else if (empty) {
    zc_head_end(head);
    return 1;
  }
  return head->state == ZC_HEAD_BROKEN;
}

/* Reads the next byte. Returns 1 behind the last one of the head, or of what could be read. */
ZC_INLINE int zc_head_take(struct zc_head* head, __u8 byte) {
  if (head->state == ZC_HEAD_BROKEN) return 1;
  if (byte == '\n') return zc_head_line_end(head);
  if (byte == '\r' && head->line == ZC_HEAD_LINE_EMPTY) {
    head->line = ZC_HEAD_LINE_CR;
    return 0;
  }
  if (head->line == ZC_HEAD_LINE_EMPTY && head->state != ZC_HEAD_STATUS && !zc_is_space(byte))
    zc_head_field_end(head);
  head->line = ZC_HEAD_LINE_MORE;
  if (head->state == ZC_HEAD_STATUS)
    zc_head_take_status(head, byte);
  else if (head->state == ZC_HEAD_NAME)
    zc_head_take_name(head, byte);
  else if (head->state == ZC_HEAD_LENGTH)
    zc_head_take_length(head, byte);
  return head->state == ZC_HEAD_BROKEN;
}

/* A body of `octets` less: at its end the next head begins. */
ZC_INLINE void zc_body_take(struct zc_head* head, __u32 octets) {
  if (!head->in_body || !octets) return;
  if (!head->has_length) {
    head->number = 1;
    return;
  }
  head->left -= octets;
  if (head->left) return;
  head->in_body = 0;
  head->has_length = 0;
  head->number = 0;
}

/* Says whether nothing of the body was there yet. */
ZC_INLINE int zc_body_begins(const struct zc_head* head) {
  return head->in_body && head->left == head->number;
}

/* Is that how a response begins? `bytes`: ZC_HEAD_VERSION_BYTES of them. */
ZC_INLINE int zc_is_response(const __u8* bytes) {
  for (__u32 i = 0; i < ZC_HEAD_VERSION_BYTES; i++)
    if (bytes[i] != zc_head_version_letter(i)) return 0;
  return 1;
}

#endif /* ZC_HEAD_H */
