// SPDX-License-Identifier: GPL-2.0-only
#include "grace.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace zc::kern {

void wait_for_running_programs() {
  // membarrier's GLOBAL command is a grace period.
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
  const timespec long_enough{0, 100'000'000};  // nohz_full kernels have no such command
  nanosleep(&long_enough, nullptr);
}

}  // namespace zc::kern
