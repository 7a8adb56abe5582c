// SPDX-License-Identifier: GPL-2.0-only
#include "api/target.h"

#include "api/socket.h"

namespace zc::api {

std::string Target::name() const {
  return kind == ZC_TARGET_CGROUP ? "cgroup:" + path : "sockets:" + std::to_string(id);
}

std::string Connection::text() const {
  return socket_text(pid, fd);
}

}  // namespace zc::api
