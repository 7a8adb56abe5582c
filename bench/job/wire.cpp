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
    case Rtp::kZcctlUni:
      return "zcctl uni";
    case Rtp::kZcctlSum:
      return "zcctl sum";
    case Rtp::kApplicationFrames:
      return "application frames";
    case Rtp::kZcctlFrames:
      return "zcctl frames";
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

bool is_by_zcctl(Rtp rtp) {
  return rtp == Rtp::kZcctlUni || rtp == Rtp::kZcctlSum || rtp == Rtp::kZcctlFrames;
}

bool is_framed(Rtp rtp) {
  return rtp == Rtp::kApplicationFrames || rtp == Rtp::kZcctlFrames;
}

size_t header_bytes(Rtp rtp) {
  switch (rtp) {
    case Rtp::kApplication:
    case Rtp::kFile:
    case Rtp::kZcctlSum:
      return sizeof(zc_rtp_header);
    case Rtp::kZcctlUni:
      return sizeof(zc_rtp_header) + sizeof(zc_rtp_uni_ext);
    case Rtp::kApplicationFrames:
    case Rtp::kZcctlFrames:
      return kFrameLengthBytes + sizeof(zc_rtp_header);
    default:
      return 0;
  }
}

}  // namespace zc::bench
