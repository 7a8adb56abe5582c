// SPDX-License-Identifier: GPL-2.0-only
// packetized_sendfile_segment: the floor with RTP on the wire. The file has been packetized before,
// RTP headers stored in it, and sendfile on a socket with UDP_SEGMENT sends it. Who does so keeps a
// second file for each size of packet and each format, has the same sequence numbers, timestamps
// and SSRC for every receiver, and cannot seek without saying so.
// n packets: 0 copies, n/46 sendfile at 1388 bytes.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method packetized_sendfile_segment{.name = "packetized_sendfile_segment",
                                         .suites = kRivals,
                                         .rtp = Rtp::kFile,
                                         .needs = "UDP_SEGMENT",
                                         .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                         .missing = udp_segment_missing,
                                         .send = sendfile_segmented};

}  // namespace zc::bench
