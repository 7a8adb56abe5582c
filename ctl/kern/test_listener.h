// SPDX-License-Identifier: GPL-2.0-only
// The listening end of `probe --verify`: TCP sessions, and packets as they come off the wire.
#pragma once

#include <memory>
#include <optional>

#include "api/verify.h"

namespace zc::kern {

Result<std::unique_ptr<api::TestListener>> open_test_listener(const std::optional<Endpoint>& at,
                                                              uint16_t port);

}  // namespace zc::kern
