// SPDX-License-Identifier: GPL-2.0-only
// Living TCP connections of other processes, reached through pidfd_getfd (Linux 5.6). Beside
// sockets.h, which is about UDP.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "api/target.h"
#include "base/address.h"
#include "base/fd.h"
#include "base/result.h"

namespace zc::kern {

// api/host.h says which.
Result<std::vector<api::Connection>> find_connections(uint32_t pid, std::optional<uint32_t> fd,
                                                      const Endpoint& to, uint16_t local_port);

// A copy of its descriptor. kNotFound where it is another socket by now, kUnsupported where the
// kernel does something else with what is written there (kTLS).
Result<Fd> open_connection(const api::Connection& connection);

}  // namespace zc::kern
