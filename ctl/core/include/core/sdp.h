// SPDX-License-Identifier: GPL-2.0-only
// A session description (RFC 8866) of what a rule sends. Pure.
#pragma once

#include <string>

#include "base/address.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::core {

// What only the operator knows of a dynamic payload type; empty: not given.
struct EncodingArguments {
  std::string encoding;  // as a=rtpmap has it: NAME, NAME/CLOCK or NAME/CLOCK/CHANNELS
  std::string media;     // "audio" or "video"
};

// One argument by itself; kUsage.
Status check_encoding(const std::string& text);

// `source`: the sender's address. kUsage where the payload type has no static meaning and
// `arguments` do not say what it is, and where they contradict the rule.
Result<std::string> describe_session(const zc_rule& rule, const Endpoint& source,
                                     const EncodingArguments& arguments);

}  // namespace zc::core
