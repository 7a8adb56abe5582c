// SPDX-License-Identifier: GPL-2.0-only
#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace zc {

Error usage_error(std::string message, std::string hint) {
  return Error{ExitCode::kUsage, std::move(message), std::move(hint), {}};
}

Error system_error(int saved_errno, const std::string& what) {
  const std::string message = what + ": " + std::strerror(saved_errno);
  if (saved_errno == EPERM || saved_errno == EACCES) {
    return Error{
        ExitCode::kNotPermitted,
        message,
        "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN (CAP_SYS_ADMIN for -n)",
        {},
        saved_errno};
  }
  return Error{ExitCode::kFailed, message, {}, {}, saved_errno};
}

}  // namespace zc
