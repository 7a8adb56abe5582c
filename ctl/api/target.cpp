// SPDX-License-Identifier: GPL-2.0-only
#include "api/target.h"

namespace zc::api {

std::string Target::name() const {
  return kind == ZC_TARGET_CGROUP ? "cgroup:" + path : "sockets:" + std::to_string(id);
}

}  // namespace zc::api
