/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the PCRs in the payload of one packet, for a clock that follows them. Changes no packet.
 *
 * Bytes are read in one go, as many TS packets as the scratch holds: small reads cost about 90 ns
 * each. A locked clock of a steady rate knows where no PCR will be, and most packets are not read
 * at all. */
#ifndef ZC_EGRESS_PCR_H
#define ZC_EGRESS_PCR_H

#include "ctx/skb.h"
#include "egress/decision.h"
#include "maps/rules.h"
#include "maps/scratch.h"
#include "rtp/clock_pcr.h"
#include "zc/room.h"

#define ZC_PCR_PART 21u /* TS packets at a time: 3948 bytes */
#define ZC_PCR_PARTS (0xffff / (ZC_PCR_PART * ZC_TS_PACKET_BYTES) + 1)
ZC_STATIC_ASSERT(ZC_PCR_PART* ZC_TS_PACKET_BYTES < ZC_SCRATCH_BYTES,
                 "with a bound for the verifier");

/* Looks at the TS packets of `bytes` bytes of the payload; the last one may be cut. `byte` is where
 * in the stream they begin. Returns the marker. */
__noinline __u32 zc_pcr_scan_part(struct __sk_buff* skb, __u32 off, __u64 bytes,
                                  struct zc_clock* clock, const struct zc_clock_place* place) {
  __u32 zero = 0, marker = 0;
  struct zc_scratch* scratch = bpf_map_lookup_elem(&zc_scratch, &zero);
  if (!scratch || !clock || !place) return 0; /* never: for the verifier */
  __u64 byte = place->first_byte + off - place->payload_off;

  bytes--;
  asm volatile("%0 &= 4095; %0 += 1" : "+r"(bytes)); /* said so that Linux 6.1 sees it */
  if (bpf_skb_load_bytes(skb, off, scratch->bytes, bytes)) return 0;
  for (__u32 i = 0; i < ZC_PCR_PART; i++) {
    struct zc_ts_head* head = (void*)(scratch->bytes + i * ZC_TS_PACKET_BYTES);
    if (i * ZC_TS_PACKET_BYTES + ZC_TS_HEAD_BYTES > bytes) break;
    if (zc_ts_has_pcr(head->bytes))
      marker |= zc_pcr_take(clock, place, head, byte + i * ZC_TS_PACKET_BYTES);
  }
  return marker;
}

/* Bytes of the payload before its first whole TS packet: none, unless the application cuts them
 * (counted as `unaligned`). */
static __always_inline __u32 zc_pcr_skip(__u64 first_byte) {
  __u32 begun = first_byte % ZC_TS_PACKET_BYTES;
  return begun ? ZC_TS_PACKET_BYTES - begun : 0;
}

static __always_inline __u32 zc_pcr_scan(struct __sk_buff* skb, __u32 bytes, struct zc_clock* clock,
                                         const struct zc_clock_place* place) {
  __u32 skip = zc_pcr_skip(place->first_byte), marker = 0;
  __u32 off = place->payload_off + skip;
  if (skip >= bytes) return 0;
  bytes -= skip;

  for (__u32 i = 0; i < ZC_PCR_PARTS && bytes >= ZC_TS_HEAD_BYTES; i++) {
    const __u32 most = ZC_PCR_PART * ZC_TS_PACKET_BYTES;
    __u32 part = bytes < most ? bytes : most;
    marker |= zc_pcr_scan_part(skb, off, part, clock, place);
    off += part;
    bytes -= part;
  }
  return marker;
}

static __always_inline struct zc_clock_place* zc_place(void) {
  __u32 zero = 0;
  struct zc_scratch* scratch = bpf_map_lookup_elem(&zc_scratch, &zero);
  return scratch ? &scratch->place : NULL;
}

static __always_inline __u32 zc_wanted_pid(const struct zc_stream* stream) {
  __u32 rule_id = stream->rule;
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  return rule ? rule->options.pcr_pid : ZC_NO_PID;
}

/* Reads the payload, and takes the PCRs in it. */
static __always_inline void zc_pcr_look(struct __sk_buff* skb, __u32 off, __u32 bytes,
                                        struct zc_stream* stream, struct zc_clock* clock,
                                        struct zc_timing* timing) {
  struct zc_clock_place* place = zc_place();
  if (!place) return; /* never: for the verifier */
  place->first_byte = stream->octets;
  place->wall = timing->timestamp;
  place->payload_off = off;
  place->wanted_pid = zc_wanted_pid(stream);
  timing->marker = zc_pcr_scan(skb, bytes, clock, place);
  if (timing->marker) stream->epoch++;
}

/* Sets timestamp and marker of a packet whose payload is `bytes` bytes at `off`. What is there is
 * the wall's time. */
__noinline int zc_follow_pcr(struct __sk_buff* skb, __u32 off, __u32 bytes, __u32 slot,
                             struct zc_timing* timing) {
  struct zc_stream* stream = zc_stream_at(slot);
  struct zc_clock* clock = zc_clock_at(slot);
  if (!stream || !clock || !timing) return 0; /* never: for the verifier */
  if (!zc_clock_enter(clock)) {
    timing->timestamp = stream->last_ts;
    return 0;
  }

  __u64 first_byte = stream->octets;
  if (!zc_clock_is_blind(clock, first_byte + bytes))
    zc_pcr_look(skb, off, bytes, stream, clock, timing);
  timing->timestamp = zc_pcr_timestamp(clock, stream, first_byte, timing->timestamp);
  zc_clock_leave(clock);
  return 0;
}

#endif /* ZC_EGRESS_PCR_H */
