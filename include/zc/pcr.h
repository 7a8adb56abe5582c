/* SPDX-License-Identifier: GPL-2.0-only */
/* RTP time of a transport stream's bytes out of its PCRs (RFC 2250 2): between two PCRs bytes come
 * at one rate, and behind the newest one at the same rate still. Knows neither packets nor maps.
 *
 * Time never jumps: where PCRs do (a file begins anew, another one follows), the clock runs on and
 * the packet gets a marker. */
#ifndef ZC_PCR_H
#define ZC_PCR_H

#include "zc/abi/clock.h"
#include "zc/wire/ts.h"

#define ZC_CLOCK_SECOND_Q32 ((__u64)90000 << 32)
/* PCRs come every 100 ms at most (ISO/IEC 13818-1 2.7.2): ten times that is a jump. */
#define ZC_CLOCK_JUMP_Q32 ZC_CLOCK_SECOND_Q32
#define ZC_CLOCK_MOST_BYTES (1u << 28) /* between two PCRs; beyond, products would not fit */
/* PCRs of others after which one that came once only is given up: up to a second's worth. */
#define ZC_CLOCK_MOST_OTHERS 10
/* A rate is the same where it differs by less than 1/1024: a PCR without extension is rounded to a
 * tick, of the 1800 that lie between two. */
#define ZC_CLOCK_SAME_RATE_SHIFT 10
#define ZC_CLOCK_TRUSTED_AFTER 2 /* same rates in a row, before bytes are passed over */
#define ZC_CLOCK_PROVED_AFTER 8  /* and before PCRs are */
#define ZC_CLOCK_LOOK_Q32 (ZC_CLOCK_SECOND_Q32 / 10)

/* What of a stream the packet is at which the clock looks. */
struct zc_clock_place {
  __u64 first_byte;  /* payload octets of the stream before the packet */
  __u32 wall;        /* RTP time that CLOCK_MONOTONIC says */
  __u32 payload_off; /* where in the packet its payload begins: for who reads it */
  __u32 wanted_pid;  /* ZC_NO_PID: the first one's that is seen */
  __u32 zero;
};

/* How far the clock runs by the newest rate. One that changes from PCR to PCR is not run past the
 * next one: a clock waits better than it goes back. Of the first rate nobody knows what it is;
 * where it is the only one, PCRs may come a quarter later than the second one did. */
ZC_INLINE __u64 zc_clock_reach(const struct zc_clock* clock) {
  if (clock->flags & ZC_CLOCK_FIRST) return clock->gap_q32 + (clock->gap_q32 >> 2);
  return clock->flags & ZC_CLOCK_STEADY ? ~0ull : clock->gap_q32 - (clock->gap_q32 >> 4);
}

/* RTP time of the stream's byte `byte`, of a locked clock. */
ZC_INLINE __u64 zc_clock_time(const struct zc_clock* clock, __u64 byte) {
  if ((__s64)(byte - clock->at_byte) < 0)
    return clock->at_q32 - (clock->at_byte - byte) * clock->step_q32;
  __u64 ahead = byte - clock->at_byte;
  if (ahead > ZC_CLOCK_MOST_BYTES) ahead = ZC_CLOCK_MOST_BYTES;
  __u64 run = ahead * clock->step_q32, most = zc_clock_reach(clock);
  return clock->at_q32 + (run > most ? most : run);
}

/* What has shown no PCR in so many bytes may be no transport stream at all: from there on 2 MiB of
 * each 32 are looked at, which is more than lies between two PCRs of 100 Mbit/s. */
#define ZC_CLOCK_HOPE_BYTES (4u << 20)
#define ZC_CLOCK_GLANCE_SHIFT 21
#define ZC_CLOCK_GLANCE_MASK 15u

/* Of a clock that has not begun; `bytes` were looked for. */
ZC_INLINE int zc_clock_has_no_hope(__u64 bytes) {
  return bytes >= ZC_CLOCK_HOPE_BYTES && (bytes >> ZC_CLOCK_GLANCE_SHIFT & ZC_CLOCK_GLANCE_MASK);
}

/* Says whether looking for a PCR can be left out for a packet that ends before byte `end`. */
ZC_INLINE int zc_clock_is_blind(const struct zc_clock* clock, __u64 end) {
  if (!(clock->flags & ZC_CLOCK_BEGUN)) return zc_clock_has_no_hope(end - clock->at_byte);
  return (clock->flags & ZC_CLOCK_LOCKED) && end - clock->at_byte < clock->blind;
}

/* PCRs to the next one that is looked at: of a rate that has proved steady one each 100 ms. To look
 * costs ten times what all else does, for it reads memory that nobody has touched. */
ZC_INLINE __u64 zc_clock_next_look(const struct zc_clock* clock) {
  if (clock->steady < ZC_CLOCK_PROVED_AFTER || !clock->gap_q32) return 1;
  __u64 pcrs = ZC_CLOCK_LOOK_Q32 / clock->gap_q32;
  return pcrs ? pcrs : 1;
}

/* How far ahead no PCR has to be looked for: at a steady rate the next one comes as far behind this
 * one as it did behind the one before, give or take some packets. */
ZC_INLINE void zc_clock_close_eyes(struct zc_clock* clock) {
  __u64 octets = clock->step_q32 ? clock->gap_q32 / clock->step_q32 : 0;
  __u64 pcrs = zc_clock_next_look(clock), ahead = octets * pcrs;
  __u64 margin = octets / 16 + ZC_TS_PACKET_BYTES * pcrs;
  int trusted = clock->steady >= ZC_CLOCK_TRUSTED_AFTER && ahead > margin;

  clock->blind = trusted && ahead < ZC_CLOCK_MOST_BYTES ? (__u32)(ahead - margin) : 0;
}

ZC_INLINE void zc_clock_learn_rate(struct zc_clock* clock, __u64 gap_q32, __u64 bytes) {
  __u64 step = gap_q32 / bytes, old = clock->step_q32;
  __u64 difference = step > old ? step - old : old - step;
  int first = !(clock->flags & ZC_CLOCK_LOCKED);
  int same = !first && difference <= old >> ZC_CLOCK_SAME_RATE_SHIFT;

  if (!same) clock->steady = 0;
  if (same && clock->steady < 255) clock->steady++;
  /* The first rate is trusted until another one comes; then the same one twice may be chance. */
  if (!same) clock->flags &= (__u8)~ZC_CLOCK_STEADY;
  clock->flags &= (__u8)~ZC_CLOCK_FIRST;
  if (first) clock->flags |= ZC_CLOCK_FIRST;
  if (first || clock->steady >= ZC_CLOCK_TRUSTED_AFTER) clock->flags |= ZC_CLOCK_STEADY;
  /* PCRs before this one may have been passed over: then it is no gap. */
  if (!clock->blind || gap_q32 < clock->gap_q32 + clock->gap_q32 / 2) clock->gap_q32 = gap_q32;
  clock->step_q32 = step;
}

/* The first PCR of a PID: its rate will be known with the next one. */
ZC_INLINE void zc_clock_begin(struct zc_clock* clock, __u16 pid, __u64 pcr_q32, __u64 byte) {
  if (clock->flags & ZC_CLOCK_LOCKED) clock->at_q32 = zc_clock_time(clock, byte);
  clock->flags = (clock->flags & (__u8)~ZC_CLOCK_FIRST) | ZC_CLOCK_BEGUN;
  clock->pid = pid;
  clock->pcr_q32 = pcr_q32;
  clock->at_byte = byte;
  clock->others = 0;
  clock->steady = 0;
  clock->blind = 0;
}

/* The next PCR, of the byte `byte` of the stream. Returns 1 where it does not continue the one
 * before. */
ZC_INLINE int zc_clock_go_on(struct zc_clock* clock, const struct zc_clock_place* place,
                             __u64 pcr_q32, __u64 byte, int discontinuous) {
  __u64 gap = pcr_q32 - clock->pcr_q32, bytes = byte - clock->at_byte;

  if (discontinuous || gap > ZC_CLOCK_JUMP_Q32 || bytes == 0 || bytes > ZC_CLOCK_MOST_BYTES) {
    zc_clock_begin(clock, clock->pid, pcr_q32, byte);
    return (clock->flags & ZC_CLOCK_LOCKED) != 0;
  }
  clock->others = 0;
  if (gap == 0) return 0; /* a duplicate of the packet (2.4.3.3) */
  zc_clock_learn_rate(clock, gap, bytes);
  if (clock->flags & ZC_CLOCK_LOCKED)
    clock->at_q32 += gap;
  else /* up to here the wall's clock was in force: from here on the same time by the PCR's */
    clock->at_q32 = ((__u64)place->wall << 32) + (byte - place->first_byte) * clock->step_q32;
  clock->flags |= ZC_CLOCK_LOCKED;
  clock->pcr_q32 = pcr_q32;
  clock->at_byte = byte;
  zc_clock_close_eyes(clock);
  return 0;
}

/* Says whether the PID that is followed has fallen silent at `byte`, where another one's PCR came.
 */
ZC_INLINE int zc_clock_is_silent(const struct zc_clock* clock, __u64 byte) {
  if (!(clock->flags & ZC_CLOCK_LOCKED)) return clock->others >= ZC_CLOCK_MOST_OTHERS;
  __u64 bytes = byte - clock->at_byte;
  return bytes > ZC_CLOCK_MOST_BYTES || bytes * clock->step_q32 > ZC_CLOCK_SECOND_Q32;
}

/* A TS packet with a PCR, which begins at the stream's byte `byte`. Returns 1 where the packet that
 * carries it has to say that the clock's source has jumped (RFC 2250 2: M). */
ZC_INLINE int zc_clock_take(struct zc_clock* clock, const struct zc_clock_place* place,
                            const __u8* ts, __u64 byte) {
  __u32 wanted = place->wanted_pid;
  __u16 pid = zc_ts_pid(ts);
  __u64 pcr_q32 = zc_ts_pcr_q32(ts);
  byte += ZC_TS_PCR_BYTE;

  if (!(clock->flags & ZC_CLOCK_BEGUN)) {
    if (wanted == pid || wanted > 0x1fff) zc_clock_begin(clock, pid, pcr_q32, byte);
    return 0;
  }
  if (pid == clock->pid)
    return zc_clock_go_on(clock, place, pcr_q32, byte, zc_ts_is_discontinuous(ts));
  clock->others++;
  if (wanted != pid && !zc_clock_is_silent(clock, byte)) return 0;
  zc_clock_begin(clock, pid, pcr_q32, byte);
  return (clock->flags & ZC_CLOCK_LOCKED) != 0;
}

#endif /* ZC_PCR_H */
