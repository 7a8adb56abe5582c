// SPDX-License-Identifier: GPL-2.0-only
// sendfile_segment_bare: the floor. A reference without RTP on the wire: what krtpsendfile costs
// without its headers. Stands in for ksendfile of paper 002, Table 3, row 7.
// n packets: 0 copies, n/47 sendfile at 1388 bytes.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method sendfile_segment_bare{.name = "sendfile_segment_bare",
                                   .paper = "stand-in for ksendfile",
                                   .suites = kDownload | kStreaming | kRivals,
                                   .needs = "UDP_SEGMENT",
                                   .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                   .missing = udp_segment_missing,
                                   .send = sendfile_segmented};

}  // namespace zc::bench
