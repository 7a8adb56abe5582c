// SPDX-License-Identifier: GPL-2.0-only
// What a stream may look like that an application sent by these calls (docs/tcp.md): every byte of
// it, in frames of exactly their bytes, but where a call without MSG_MORE ended.
#pragma once

#include <string>

#include "conversation.h"
#include "framing/parser.h"

namespace zc::test {

// Empty, or what is wrong. `never`: no call ends a frame.
std::string judge(const Said& said, const Source& source, const Look& look, bool never);

// Of a connection that was reset: its stream may end anywhere, but for that it is right.
std::string judge_torn(const std::vector<uint8_t>& stream, const Source& source, const Look& look);

}  // namespace zc::test
