// SPDX-License-Identifier: GPL-2.0-only
// A TestNet of real sockets.
#pragma once

#include <memory>

#include "api/verify.h"

namespace zc::kern {

// Works in the network namespace that the process is in when a method is called.
std::unique_ptr<api::TestNet> make_test_net();

}  // namespace zc::kern
