// SPDX-License-Identifier: GPL-2.0-only
#include "api/socket.h"

namespace zc::api {

std::string process_text(uint32_t pid) {
  return "process " + std::to_string(pid);
}

std::string socket_text(uint32_t pid, uint32_t fd) {
  return process_text(pid) + ", descriptor " + std::to_string(fd);
}

std::string AppSocket::text() const {
  if (pid == 0) return "a socket of a process that cannot be seen from here";
  return process_text(pid) + " (" + command + "), descriptor " + std::to_string(fd);
}

std::string ForeignSocket::text() const {
  return socket_text(pid, fd);
}

}  // namespace zc::api
