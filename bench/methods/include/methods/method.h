// SPDX-License-Identifier: GPL-2.0-only
// A mechanism that gets stored bytes onto the network: what a file in this folder defines.
//
// Adding one takes a file NAME.cpp that defines `const Method NAME`, and a line in methods.h.
// What the head of a file says of n packets is of one stored file, sent once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "job/job.h"
#include "job/needs.h"
#include "job/wire.h"

namespace zc::bench {

// Whose comparison a method takes part in; one may be in several.
enum Suite : unsigned {
  kDownload = 1,    // paper 002, Table 3
  kStreaming = 2,   // paper 002, Table 4
  kRivals = 4,      // what Linux offers today
  kLoan = 8,        // paper 000
  kClock = 16,      // what RTP's clocks cost
  kTcpFrames = 32,  // RTP over TCP
};

std::string any_size(size_t payload_bytes);

struct Method {
  std::string_view name;
  std::string_view paper =
      {};  // what it is called there, or what it stands in for; empty: today's own
  unsigned suites = 0;
  Rtp rtp = Rtp::kNone;
  RuleWords rule = {};  // of zcctl's ways
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
