// SPDX-License-Identifier: GPL-2.0-only
// A session description (RFC 8866) of what a rule sends. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/target.h"
#include "base/address.h"
#include "base/result.h"
#include "core/payload.h"
#include "core/rule.h"
#include "zc/abi.h"

namespace zc::core {

// What only the operator knows of a dynamic payload type that the rule does not name; empty: not
// given.
struct EncodingArguments {
  std::string encoding;  // as a=rtpmap has it: NAME, NAME/CLOCK or NAME/CLOCK/CHANNELS
  std::string media;     // "audio" or "video"
};

// One argument by itself; kUsage.
Status check_encoding(const std::string& text);
Result<uint8_t> parse_ttl(const std::string& text);

// What carries the packets. On TCP the application of the rule's host listens (RFC 4145 passive),
// or connects (active).
enum class Carrier : uint8_t { kUdp, kTcpPassive, kTcpActive };

// What is described.
struct Session {
  zc_rule rule{};
  PayloadFormat payload{};
  Endpoint source{};  // the sender's address
  uint8_t ttl = 0;    // of its packets to an IPv4 group; 0: not known
  Carrier carrier = Carrier::kUdp;
};

// kUsage where the payload type has no static meaning and neither rule nor `arguments` say what it
// is, and where they contradict each other.
Result<Session> make_session(const zc_rule& rule, const Endpoint& source, uint8_t ttl,
                             const EncodingArguments& arguments);
// Of a target's rule. `source` is the address that viewers connect to, or from which the
// application does. kUsage for frames of RTSP, which carries descriptions of its own.
Result<Session> make_session(const api::FramedRule& rule, const Endpoint& source,
                             const EncodingArguments& arguments);
// Without line ends.
std::vector<std::string> sdp_lines(const Session& session);
// With them: CR and LF, RFC 8866 5.
std::string sdp_text(const Session& session);
// The one source of a multicast rule, whom receivers may ask for (RFC 4607).
std::optional<Endpoint> source_of_group(const zc_rule& rule);

}  // namespace zc::core
