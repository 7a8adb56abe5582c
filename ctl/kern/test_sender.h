// SPDX-License-Identifier: GPL-2.0-only
// The sending end of `probe --verify`: one UDP socket as an app has it, and one TCP connection.
#pragma once

#include <memory>
#include <string>

#include "api/verify.h"

namespace zc::kern {

Result<std::unique_ptr<api::TestSender>> connect_test_sender(const std::string& dev,
                                                             const Endpoint& to);

}  // namespace zc::kern
