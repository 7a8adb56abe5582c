// SPDX-License-Identifier: GPL-2.0-only
// "10.9.0.1:40000" and "[fd00:9::1]:40000" as tests write them, taken apart. Names no host.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "support/bytes.h"
#include "support/packet.h"

namespace zc::test {

// All throw std::invalid_argument for a text of another form.
Family family_of(const std::string& endpoint);
Bytes address_of(const std::string& endpoint);  // 4 or 16 bytes
uint16_t port_of(const std::string& endpoint);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
SocketAddress socket_address(const std::string& endpoint);
std::string endpoint_text(const sockaddr_storage& address);

}  // namespace zc::test
