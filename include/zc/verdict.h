/* SPDX-License-Identifier: GPL-2.0-only */
/* What can become of a packet: one list, from which the BPF program takes its verdicts, the
 * counters their index, and `zcctl show` its names. Must not know how a verdict is reached. */
#ifndef ZC_VERDICT_H
#define ZC_VERDICT_H

#include "zc/types.h"

/* X(name, what it means). The order is ABI: append only. Each one but `stamped`, `super`,
 * `unaligned` and `paced` is a drop; the name is the key in `show --json` (docs/interface.md). */
#define ZC_COUNTERS(X)                                                                    \
  X(stamped, "left with an RTP header")                                                   \
  X(super, "went to the stage, which cuts it; its pieces are counted for themselves")     \
  X(oversize, "would exceed the MTU of device or route once stamped")                     \
  X(fragment, "is an IP fragment")                                                        \
  X(ip_options, "has IPv4 options or IPv6 extension headers")                             \
  X(short, "payload too short for the checksum way")                                      \
  X(no_room, "the kernel could make no room for the header")                              \
  X(no_state, "the stream table is full")                                                 \
  X(malformed, "its lengths contradict each other")                                       \
  X(checksum, "its checksum state does not fit the checksum way")                         \
  X(uncut, "carried several datagrams (UDP_SEGMENT), and there is no stage to cut them")  \
  X(unaligned, "was stamped, but its MPEG-TS payload is no multiple of 188 bytes")        \
  X(paced, "waited for its time in the queue of --rate; what comes back is counted anew") \
  X(unpaced, "has a rule with --rate, and there is no queue for it")                      \
  X(orphan, "came back from the queue of --rate when its stream or its --rate was gone")  \
  X(broken, "bytes of a connection that could not be framed: it is broken from there on")

enum zc_verdict {
#define ZC_VERDICT_ENUM(name, text) ZC_VERDICT_##name,
  ZC_COUNTERS(ZC_VERDICT_ENUM)
#undef ZC_VERDICT_ENUM
      ZC_VERDICT_COUNT,
  ZC_GO_ON = ZC_VERDICT_COUNT, /* no verdict yet: the next step decides */
};

/* Says whether a packet with this verdict does not leave. */
ZC_INLINE int zc_is_drop(enum zc_verdict verdict) {
  return verdict != ZC_VERDICT_stamped && verdict != ZC_VERDICT_super &&
         verdict != ZC_VERDICT_unaligned && verdict != ZC_VERDICT_paced;
}

#endif /* ZC_VERDICT_H */
