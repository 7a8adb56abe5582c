// SPDX-License-Identifier: GPL-2.0-only
// Host on the real kernel.
#pragma once

#include <memory>

#include "kern/host.h"

namespace zc::kern {

// Works in the network namespace that the process is in when a method is called.
std::unique_ptr<Host> make_linux_host();

}  // namespace zc::kern
