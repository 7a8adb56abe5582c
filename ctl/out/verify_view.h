// SPDX-License-Identifier: GPL-2.0-only
// How `probe --verify` and `probe --listen` read, for both views.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/listen.h"
#include "core/verify.h"

namespace zc::out {

std::string verify_text(const core::VerifyReport& report);
std::string session_text(const core::SessionReport& report);
nlohmann::ordered_json verify_json(const core::VerifyReport& report);
nlohmann::ordered_json session_json(const core::SessionReport& report);

}  // namespace zc::out
