// SPDX-License-Identifier: GPL-2.0-only
// How a rule's options read below its match. What to type for them is rule_words of out/steps.h.
#pragma once

#include <string>

#include "api/target.h"
#include "zc/abi.h"

namespace zc::out {

// "MP2T pt 33 clock 90000, timestamp pcr (auto), checksum sum (auto), rtcp on (auto)".
std::string options_text(const zc_rule& rule);
// "MP2T pt 33 clock 90000, timestamp pcr (auto), rfc4571 frames of 1316 bytes".
std::string options_text(const api::FramedRule& rule);
// "8000000" or "auto", as `--rate` takes it. The rule has one.
std::string rate_text(const zc_options& options);

}  // namespace zc::out
