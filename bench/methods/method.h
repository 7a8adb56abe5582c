// A mechanism that gets stored bytes onto the network: what a file in this folder defines.
//
// To add one: a file NAME.cpp that defines `const Method NAME`, and a line in methods.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  kFile,         // 12 bytes, stored in the file between payloads; they jump where it starts again
  kZcctl,        // 12 bytes and 8 of extension: --checksum lco
};
const char* to_string(Rtp rtp);  // "none", "application", "file", "zcctl"
size_t header_bytes(Rtp rtp);

// What a method sends with.
enum class Way : uint8_t {
  kUdp,      // a connected UDP socket
  kTcp,      // a connected TCP socket; somebody reads at the other end
  kFrames,   // whole Ethernet frames, handed to the device past its queue and past packet sockets
  kMemory,   // nothing leaves: a part of a way, by itself
  kProgram,  // another program, as a whole
};
const char* to_string(Way way);  // "UDP", "TCP", "UDP frames", "none", "program"

std::string any_size(size_t payload_bytes);

struct Method {
  std::string_view name;
  std::string_view paper =
      {};  // what it is called there, or what it stands in for; empty: today's own
  unsigned suites = 0;
  Rtp rtp = Rtp::kNone;
  Way way = Way::kUdp;
  std::string_view needs = {};  // for people: "UDP_SEGMENT, zcctl attach"
  // Why a packet larger than the MTU cannot be sent this way; empty: it leaves in IP fragments.
  std::string_view no_fragments = {};
  // Why it cannot send payloads of this size, or nothing.
  std::string (*not_at)(size_t payload_bytes) = any_size;
  // Can this host do it? Returns why not, or nothing. Looks, and changes nothing.
  std::string (*missing)() = nothing_missing;
  // Sends the whole job. Timed from its first line to its last.
  void (*send)(Job& job) = nullptr;
  // kProgram has, in place of `send`, the command that sends a file of MPEG-TS to the far end.
  std::vector<std::string> (*command)(const std::string& file) = nullptr;
};

}  // namespace zc::bench
