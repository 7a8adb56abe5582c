// SPDX-License-Identifier: GPL-2.0-only
// Endpoints as the socket calls have them.
#pragma once

#include <sys/socket.h>

#include "base/address.h"

namespace zc::kern {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// `scope` is the device's index, for link-local addresses.
SocketAddress to_socket_address(const Endpoint& endpoint, uint32_t scope = 0);
// IPv4-mapped ones become IPv4.
Endpoint to_endpoint(const SocketAddress& address);

}  // namespace zc::kern
