// SPDX-License-Identifier: GPL-2.0-only
// Sockets of other processes, reached through pidfd_getfd (Linux 5.6): UDP_SEGMENT set from
// outside, so that the app need not change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/socket.h"
#include "base/address.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::kern {

// The process's UDP sockets that are connected to `to`, whatever network namespace they are in: a
// container's packets leave by devices of the host. Those of this namespace are bound to `from`,
// where that is given; of others a NAT may change it on
// the way, but their packets must leave that namespace. With `fd` only that one, and why
// it does not fit. kNotFound where there is none, kNotPermitted without CAP_SYS_PTRACE.
Result<std::vector<api::ForeignSocket>> find_sockets(uint32_t pid, std::optional<uint32_t> fd,
                                                     const Endpoint& to,
                                                     const std::optional<Endpoint>& from);

// Sets UDP_SEGMENT of a socket that was found before; 0 clears it. kNotFound where it is gone.
Status set_segment(const api::ForeignSocket& socket, uint32_t bytes);

// Was a socket's segment size set by zcctl?
bool is_ours(const zc_socket_note& note, uint32_t bytes);

// Puts back what a note says, wherever the socket lives now. Fine where it is gone, or where its
// app has set another value meanwhile; kNotPermitted where a process that holds it is closed to us.
Status restore_segment(uint64_t cookie, const zc_socket_note& note);

}  // namespace zc::kern
