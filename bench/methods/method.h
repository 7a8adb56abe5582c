// A mechanism that gets stored bytes onto the network: what a file in this folder defines.
//
// To add one: a file NAME.cpp that defines `const Method NAME`, and a line in methods.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/job/job.h"
#include "bench/job/needs.h"

namespace zc::bench {

// Whose comparison a method takes part in; one may be in several.
enum Suite : unsigned {
  kDownload = 1,   // paper 002, Table 3
  kStreaming = 2,  // paper 002, Table 4
  kRivals = 4,     // what Linux offers today
  kLoan = 8,       // paper 000
};

// Who makes the RTP header; each is what stands between UDP and the payload on the wire.
enum class Rtp : uint8_t {
  kNone,         // nothing: a reference
  kApplication,  // 12 bytes
  kZcctl,        // 12 bytes and 8 of extension: --checksum lco
};
const char* to_string(Rtp rtp);  // "none", "application", "zcctl"
size_t header_bytes(Rtp rtp);

struct Method {
  std::string_view name;
  std::string_view paper =
      {};  // what it is called there, or what it stands in for; empty: today's own
  unsigned suites = 0;
  Rtp rtp = Rtp::kNone;
  std::string_view transport = "UDP";
  std::string_view needs = {};  // for people: "UDP_SEGMENT, zcctl attach"
  // Why a packet larger than the MTU cannot be sent this way; empty: it leaves in IP fragments.
  std::string_view no_fragments = {};
  // Can this host do it? Returns why not, or nothing. Looks, and changes nothing.
  std::string (*missing)() = nothing_missing;
  // Sends the whole job. Timed from its first line to its last.
  void (*send)(Job& job) = nullptr;
};

}  // namespace zc::bench
