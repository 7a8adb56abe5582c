// SPDX-License-Identifier: GPL-2.0-only
// What a person types on a receiving host to see or hear a session. Pure; starts nothing.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "core/sdp.h"

namespace zc::core {

enum class Receiver : uint8_t { kFfplay, kGst, kVlc, kMediamtx };

const char* to_string(Receiver receiver);
Result<Receiver> parse_receiver(const std::string& text);  // kUsage

// Shell commands, with the session description in them where the receiver needs it; for mediamtx,
// which is told by its configuration, a part of mediamtx.yml. Ends with a line end.
// kUnsupported where the receiver cannot open it: RTP over TCP is GStreamer's alone.
Result<std::string> receiver_command(Receiver receiver, const Session& session);

// What `sdp` says.
struct SdpReport {
  std::string description;
  std::string receiver{}, command{};  // of --for; empty: not asked for
};

}  // namespace zc::core
