// SPDX-License-Identifier: GPL-2.0-only
// What a service manager is told: the protocol of sd_notify(3), without its library.
#pragma once

#include <string>

#include "api/rtcp.h"
#include "base/fd.h"

namespace zc::kern {

class Service {
 public:
  // Looks at NOTIFY_SOCKET. Without one nothing is ever said.
  Service();
  // Never waits, and is never sure to arrive.
  void notify(api::ServiceState state, const std::string& status);

 private:
  Fd socket_;
  std::string told_;
};

}  // namespace zc::kern
