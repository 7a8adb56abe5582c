// SPDX-License-Identifier: GPL-2.0-only
// A Host on the real kernel.
#pragma once

#include <memory>

#include "api/host.h"

namespace zc::kern {

// Works in the network namespace that the process is in when a method is called.
std::unique_ptr<api::Host> make_linux_host();

// Shows the verifier's log on stderr, also when loading succeeds.
void set_verbose(bool verbose);

}  // namespace zc::kern
