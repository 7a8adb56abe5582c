#include "bench/methods/methods.h"

#include <algorithm>
#include <array>

namespace zc::bench {

#define ZC_BENCH_POINTER(name) &(name),
static constexpr std::array kMethods{ZC_BENCH_METHODS(ZC_BENCH_POINTER)};
#undef ZC_BENCH_POINTER

std::span<const Method* const> all_methods() {
  return kMethods;
}

const Method* find_method(std::string_view name) {
  const auto* const found = std::find_if(kMethods.begin(), kMethods.end(),
                                         [&](const Method* m) { return m->name == name; });
  return found == kMethods.end() ? nullptr : *found;
}

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

std::string any_size(size_t /*payload_bytes*/) {
  return {};
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
