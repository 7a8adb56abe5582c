// SPDX-License-Identifier: GPL-2.0-only
// Reader and Session on the real kernel.
#pragma once

#include <memory>

#include "api/host.h"
#include "api/session.h"
#include "base/result.h"

namespace zc::kern {

// Both work in the network namespace that the process is in when a method is called.
Result<std::unique_ptr<api::Reader>> open_reader(api::ReadLock lock);
// Empty where another zcctl has the lock, or nothing is pinned: it neither waits nor mounts.
Result<std::unique_ptr<api::Session>> try_open_session();
// Mounts the bpffs where none is.
Result<std::unique_ptr<api::Session>> open_session();

}  // namespace zc::kern
