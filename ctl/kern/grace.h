// SPDX-License-Identifier: GPL-2.0-only
// Waiting for programs that run.
#pragma once

namespace zc::kern {

// Returns when every program run that began before the call has ended: what was unlinked from a
// table before is then seen by nobody. An RCU grace period.
void wait_for_running_programs();

}  // namespace zc::kern
