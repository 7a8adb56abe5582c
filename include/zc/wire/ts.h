/* SPDX-License-Identifier: GPL-2.0-only */
/* MPEG transport stream packets as far as a clock reads them (ISO/IEC 13818-1 2.4.3). Knows no
 * stream. */
#ifndef ZC_WIRE_TS_H
#define ZC_WIRE_TS_H

#include "zc/types.h"

#define ZC_TS_PACKET_BYTES 188u /* 2.4.3.2 */
#define ZC_TS_HEAD_BYTES 12u    /* up to the end of a PCR */

#define ZC_TS_SYNC 0x47
#define ZC_TS_ERROR 0x80          /* byte 1: transport_error_indicator */
#define ZC_TS_HAS_ADAPTATION 0x20 /* byte 3 */
#define ZC_TS_MOST_ADAPTATION 183 /* byte 4: all that is left of the packet */
#define ZC_TS_DISCONTINUITY 0x80  /* byte 5 */
#define ZC_TS_HAS_PCR 0x10        /* byte 5 */
#define ZC_TS_LEAST_WITH_PCR 7    /* byte 4: flags and six bytes of PCR */
#define ZC_TS_PCR_BYTE 10u        /* its time is that of the last byte of its base (2.4.3.5) */
#define ZC_TS_PCR_EXTENSIONS 300  /* 27 MHz in 90 kHz */

struct zc_ts_head {
  __u8 bytes[ZC_TS_HEAD_BYTES];
};

/* Says whether the packet that begins there carries a PCR. Most end at the first question. */
ZC_INLINE int zc_ts_has_pcr(const __u8* ts) {
  if (!(ts[3] & ZC_TS_HAS_ADAPTATION)) return 0;
  return ts[0] == ZC_TS_SYNC && !(ts[1] & ZC_TS_ERROR) && ts[4] >= ZC_TS_LEAST_WITH_PCR &&
         ts[4] <= ZC_TS_MOST_ADAPTATION && (ts[5] & ZC_TS_HAS_PCR);
}

ZC_INLINE int zc_ts_is_discontinuous(const __u8* ts) {
  return (ts[5] & ZC_TS_DISCONTINUITY) != 0;
}

ZC_INLINE __u16 zc_ts_pid(const __u8* ts) {
  return (__u16)((ts[1] & 0x1f) << 8 | ts[2]);
}

/* Ticks of 90 kHz times 2^32, modulo 2^64: the top one of the 33 bits of its base falls out. */
ZC_INLINE __u64 zc_ts_pcr_q32(const __u8* ts) {
  const __u64 one_extension = (1ull << 32) / ZC_TS_PCR_EXTENSIONS + 1; /* rounded up: < 1e-6 tick */
  __u32 base = (__u32)ts[6] << 25 | (__u32)ts[7] << 17 | (__u32)ts[8] << 9 | (__u32)ts[9] << 1 |
               (__u32)ts[10] >> 7;
  __u32 extension = (__u32)(ts[10] & 1) << 8 | ts[11];

  return ((__u64)base << 32) + extension * one_extension;
}

#endif /* ZC_WIRE_TS_H */
