// SPDX-License-Identifier: GPL-2.0-only
// Rules of targets: what a device's rule says of streams (core/rule.h), and the frames that carry
// them over TCP (docs/tcp.md). Pure.
#pragma once

#include <string>

#include "api/target.h"
#include "base/result.h"
#include "core/rule.h"
#include "zc/abi.h"

namespace zc::core {

// The command line's arguments that rules of devices have not; empty: not given.
struct FramingArguments {
  std::string framing, frame_end, skip;
};

// Everything is checked: each argument by itself, what must go together, and what means nothing on
// a connection.
Result<api::FramedRule> parse_framed_rule(const RuleArguments& arguments,
                                          const FramingArguments& framing);

// "--to ADDR:PORT", the far end, or "--from :PORT", this host's: one of them.
Result<Match> parse_connection_match(const std::string& to, const std::string& from);

// One argument by itself; kUsage.
Result<Endpoint> parse_local_port(const std::string& text);  // ":8554"; no address
Result<zc_framing> parse_framing(const std::string& text);   // kind and channel
Result<zc_frame_end> parse_frame_end(const std::string& text);
Result<zc_framing> parse_skip(const std::string& text);  // skip and skip_bytes
Result<uint32_t> parse_frame_bytes(const std::string& text);

// As they are typed.
std::string framing_text(const zc_framing& framing);  // "rfc4571", "interleaved:0"
std::string frame_end_text(const zc_framing& framing);
std::string skip_text(const zc_framing& framing);  // "http", "512"; empty: nothing is skipped

// Was --force needed for its length of frames?
bool needs_force(const api::FramedRule& rule);

bool same_options(const api::FramedRule& one, const api::FramedRule& other);

}  // namespace zc::core
