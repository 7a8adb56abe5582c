// SPDX-License-Identifier: GPL-2.0-only
#include "service.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace zc::kern {

Service::Service() {
  const char* const name = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (!name || (name[0] != '/' && name[0] != '@')) return;
  const size_t length = std::strlen(name);
  if (length >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name, length);
  if (name[0] == '@') address.sun_path[0] = '\0';
  socket_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), bytes) != 0) socket_.reset();
}

void Service::notify(api::ServiceState state, const std::string& status) {
  if (!socket_) return;
  std::string text;
  if (state == api::ServiceState::kReady) text = "READY=1\n";
  if (state == api::ServiceState::kStopping) text = "STOPPING=1\n";
  if (state == api::ServiceState::kAlive) text = "WATCHDOG=1\n";
  if (status != told_) text += "STATUS=" + status + "\n";
  told_ = status;
  (void)send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace zc::kern
