// SPDX-License-Identifier: GPL-2.0-only
#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace zc {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kFailed:
      return 1;
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kUnsupported:
      return 3;
    case ErrorKind::kNotPermitted:
      return 4;
    case ErrorKind::kExists:
    case ErrorKind::kNotFound:
      return 5;
  }
  return 1;
}

Error failed_error(std::string message, std::string hint) {
  return {ErrorKind::kFailed, std::move(message), std::move(hint)};
}

Error usage_error(std::string message, std::string hint) {
  return {ErrorKind::kUsage, std::move(message), std::move(hint)};
}

Error unsupported_error(std::string message, std::string hint) {
  return {ErrorKind::kUnsupported, std::move(message), std::move(hint)};
}

Error not_permitted_error(std::string message, std::string hint) {
  return {ErrorKind::kNotPermitted, std::move(message), std::move(hint)};
}

Error exists_error(std::string message, std::string hint) {
  return {ErrorKind::kExists, std::move(message), std::move(hint)};
}

Error not_found_error(std::string message, std::string hint) {
  return {ErrorKind::kNotFound, std::move(message), std::move(hint)};
}

Error system_error(int saved_errno, const std::string& what) {
  const std::string message = what + ": " + std::strerror(saved_errno);
  const bool refused = saved_errno == EPERM || saved_errno == EACCES;
  Error error = refused ? not_permitted_error(message,
                                              "run as root, or with CAP_BPF, CAP_PERFMON and "
                                              "CAP_NET_ADMIN (CAP_SYS_ADMIN for -n)")
                        : failed_error(message);
  error.system_errno = saved_errno;
  return error;
}

}  // namespace zc
