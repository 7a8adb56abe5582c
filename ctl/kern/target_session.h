// SPDX-License-Identifier: GPL-2.0-only
// The targets of a bpffs, by their pins: TargetSession on Linux. Beside session.cpp, which holds
// the lock.
#pragma once

#include <memory>
#include <string>

#include "api/target.h"

namespace zc::kern {

// `bpffs` empty: none is mounted, so there are no pins.
std::unique_ptr<api::TargetSession> make_target_session(const std::string& bpffs);

}  // namespace zc::kern
