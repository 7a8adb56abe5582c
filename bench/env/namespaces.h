// SPDX-License-Identifier: GPL-2.0-only
// Network and mount namespaces of the benchmark's own, with their own sysfs and bpffs. What is made
// in them, devices, rules, pins, is gone when they are left, and also when the process is killed.
#pragma once

#include <memory>

#include "base/fd.h"
#include "base/result.h"

namespace zc::bench {

class Namespaces {
 public:
  // Moves the calling thread, which must be the process's only one, into fresh namespaces. Fails
  // with kNotPermitted without CAP_SYS_ADMIN.
  static Result<std::unique_ptr<Namespaces>> enter();
  Namespaces(const Namespaces&) = delete;
  Namespaces& operator=(const Namespaces&) = delete;
  // Goes back to where it came from, the working folder too; again the process's only thread.
  ~Namespaces();

 private:
  Namespaces(Fd net, Fd mnt, Fd folder)
      : net_(std::move(net)), mnt_(std::move(mnt)), folder_(std::move(folder)) {}

  Fd net_, mnt_;  // the ones it came from
  Fd folder_;     // entering a mount namespace leaves the working folder
};

}  // namespace zc::bench
