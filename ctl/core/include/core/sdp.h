// SPDX-License-Identifier: GPL-2.0-only
// A session description (RFC 8866) of what a rule sends. Pure.
#pragma once

#include <string>

#include "base/address.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::core {

// `source`: the sender's address. Fails with kUnsupported for a dynamic payload type, whose
// encoding only the operator knows.
Result<std::string> describe_session(const zc_rule& rule, const Endpoint& source);

}  // namespace zc::core
