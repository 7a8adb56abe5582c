// SPDX-License-Identifier: GPL-2.0-only
#include "job/wire.h"

#include "zc/wire/rtp.h"

namespace zc::bench {

const char* to_string(Rtp rtp) {
  switch (rtp) {
    case Rtp::kApplication:
      return "application";
    case Rtp::kFile:
      return "file";
    case Rtp::kZcctl:
      return "zcctl";
    default:
      return "none";
  }
}

const char* to_string(Way way) {
  switch (way) {
    case Way::kTcp:
      return "TCP";
    case Way::kFrames:
      return "UDP frames";
    case Way::kMemory:
      return "none";
    case Way::kProgram:
      return "program";
    default:
      return "UDP";
  }
}

size_t header_bytes(Rtp rtp) {
  switch (rtp) {
    case Rtp::kApplication:
    case Rtp::kFile:
      return sizeof(zc_rtp_header);
    case Rtp::kZcctl:
      return sizeof(zc_rtp_header) + sizeof(zc_rtp_filler_ext);
    default:
      return 0;
  }
}

}  // namespace zc::bench
