/* SPDX-License-Identifier: GPL-2.0-only */
/* The timestamps of the frames that a run begins, before any byte is moved. */
#ifndef ZC_MESSAGE_TIMES_H
#define ZC_MESSAGE_TIMES_H

#include "message/place.h"
#include "rtp/clock.h"
#include "rtp/clock_pcr.h"
#include "zc/frame.h"

/* TS packets that begin in what is looked at, and frames. */
#define ZC_PCR_STEPS (ZC_ENTRY_BYTES / ZC_TS_PACKET_BYTES + 1 + ZC_RUN_FRAMES + 1)

/* Of clocks that need no byte of the media. */
static __always_inline __u32 zc_frame_time(const struct zc_connection* connection,
                                           const struct zc_stream* stream, __u32 frame,
                                           __u64 now_ns) {
  const struct zc_frame_style* style = &connection->style;
  struct zc_timing timing = {.ticks_q64 = style->ticks_q64, .ticks_whole = style->ticks_whole};

  if (!zc_clock_counts(style->how)) return zc_wall_ticks(stream, now_ns, style->ticks_q64);
  return zc_counted_ticks(stream, style->how, &timing, connection->frame.number + frame,
                          connection->frame.octets + (__u64)frame * style->framing.bytes);
}

__noinline int zc_times_plain(struct zc_connection* connection, __u32 frames, __u64 now_ns) {
  if (!connection) return 0; /* never: for the verifier */
  struct zc_stream* stream = zc_stream_at(connection->slot);
  if (!stream) return 0;
  for (__u32 i = 0; i < ZC_RUN_FRAMES && i < frames; i++)
    connection->times[i] = zc_frame_time(connection, stream, i, now_ns);
  return 0;
}

/* The stream's byte that is the entry's first one, of those that no frame has announced yet or that
 * the open one is owed. */
static __always_inline __u64 zc_first_byte(const struct zc_connection* connection) {
  return connection->frame.octets - connection->frame.owed;
}

/* Takes the PCR of the TS packet at an offset of the entry, if it has one. Returns the marker. */
__noinline __u32 zc_times_look(struct sk_msg_md* msg, struct zc_connection* connection, __u32 at,
                               __u32 wall) {
  if (!connection) return 0; /* never: for the verifier */
  void *data = (void*)(long)msg->data, *end = (void*)(long)msg->data_end;
  struct zc_clock* clock = zc_clock_at(connection->slot);
  void* ts = data + (at & ZC_ENTRY_MASK);
  struct zc_ts_head head;

  if (!clock || ts + sizeof(head) > end) return 0;
  __builtin_memcpy(&head, ts, sizeof(head));
  if (!zc_ts_has_pcr(head.bytes)) return 0;
  struct zc_clock_place place = {.first_byte = zc_first_byte(connection),
                                 .wall = wall,
                                 .wanted_pid = connection->style.pcr_pid};
  return zc_pcr_take(clock, &place, &head, place.first_byte + at);
}

/* Gives a frame of the run, or the one behind them, its marker. */
static __always_inline void zc_times_mark(struct zc_connection* connection,
                                          struct zc_stream* stream, __u32 frame) {
  connection->markers |= 1ull << (frame & ZC_RUN_FRAMES);
  stream->epoch++;
}

/* Sets the timestamp of a frame of the run, `begins` bytes behind the entry's first. Never back. */
__noinline int zc_times_set(struct zc_connection* connection, __u32 frame, __u32 begins, __u32 wall,
                            __u32 marker) {
  if (!connection) return 0; /* never: for the verifier */
  struct zc_clock* clock = zc_clock_at(connection->slot);
  struct zc_stream* stream = zc_stream_at(connection->slot);
  if (!clock || !stream) return 0;
  __u32 last = frame ? connection->times[(frame - 1) & ZC_RUN_FRAMES] : connection->frame.timestamp;
  __u32 time = wall;

  if (clock->flags & ZC_CLOCK_LOCKED)
    time = zc_clock_time(clock, zc_first_byte(connection) + begins) >> 32;
  if ((frame || connection->frame.number) && (__s32)(time - last) < 0) time = last;
  connection->times[frame & ZC_RUN_FRAMES] = time;
  if (marker) zc_times_mark(connection, stream, frame);
  return 0;
}

/* Of a clock that follows the PCRs: those of a frame come first, then its first byte's time.
 * `bytes` of the entry are this run's; those that were looked at before the kernel gave them back
 * are left out. A TS packet that lies in two entries is not looked at. */
__noinline int zc_times_pcr(struct sk_msg_md* msg, struct zc_connection* connection, __u32 frames,
                            __u32 bytes, __u64 now_ns) {
  if (!connection) return 0; /* never: for the verifier */
  struct zc_stream* stream = zc_stream_at(connection->slot);
  if (!stream) return 0;
  __u64 first = zc_first_byte(connection);
  __u64 from = connection->scanned > first ? connection->scanned : first;
  __u32 at = (from + ZC_TS_PACKET_BYTES - 1) / ZC_TS_PACKET_BYTES * ZC_TS_PACKET_BYTES - first;
  __u32 wall = zc_wall_ticks(stream, now_ns, connection->style.ticks_q64);
  __u32 length = connection->style.framing.bytes, begins = connection->frame.owed;
  __u32 frame = 0, marker = 0;

  for (__u32 i = 0; i < ZC_PCR_STEPS; i++) {
    /* The verifier is not to follow where they are: each step is like the one before. */
    asm volatile("" : "+r"(frame), "+r"(at), "+r"(marker), "+r"(begins));
    bool looked = at >= bytes || at >= begins + length;
    if (looked && frame >= frames) break;
    if (looked) {
      zc_times_set(connection, frame, begins, wall, marker);
      begins += length, marker = 0, frame++;
    } else {
      marker |= zc_times_look(msg, connection, at, wall);
      at += ZC_TS_PACKET_BYTES;
    }
  }
  if (marker) zc_times_mark(connection, stream, frame); /* of a run that begins none */
  if (first + bytes > connection->scanned) connection->scanned = first + bytes;
  return 0;
}

static __always_inline void zc_times(struct sk_msg_md* msg, struct zc_connection* connection,
                                     const struct zc_run* run, __u64 now_ns) {
  if (connection->style.how.timestamp == ZC_TIMESTAMP_PCR)
    zc_times_pcr(msg, connection, run->frames, run->payload, now_ns);
  else
    zc_times_plain(connection, run->frames, now_ns);
}

#endif /* ZC_MESSAGE_TIMES_H */
