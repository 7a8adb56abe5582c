// SPDX-License-Identifier: GPL-2.0-only
#include "agent_place.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sstream>

namespace zc::kern {
namespace {

constexpr char kName[] = "\0zcctl/agent";
constexpr size_t kMostBytes = 16384;  // of an answer
constexpr int kBacklog = 8;
constexpr timeval kPatience{0, 500'000};

struct Address {
  sockaddr_un name{};
  socklen_t bytes = offsetof(sockaddr_un, sun_path) + sizeof(kName) - 1;

  Address() {
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, kName, sizeof(kName) - 1);
  }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&name); }
};

Fd open_socket(int flags) {
  return Fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0));
}

struct Holder {
  Fd socket;
  ucred who{};
};

std::optional<Holder> find_holder() {
  Address address;
  Holder holder{open_socket(0)};
  const int fd = holder.socket.get();
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  socklen_t bytes = sizeof(holder.who);
  if (connect(fd, address.get(), address.bytes) != 0 ||
      getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &holder.who, &bytes) != 0)
    return std::nullopt;
  return holder;
}

Error taken_error() {
  const auto holder = find_holder();
  const std::string who =
      holder && holder->who.pid != 0 ? "process " + std::to_string(holder->who.pid) : "a process";
  if (holder && holder->who.uid != 0 && holder->who.uid != geteuid())
    return failed_error(who + " of user " + std::to_string(holder->who.uid) +
                            " holds the name of this network namespace's agent, and is none",
                        "end it");  // no kExists: a service manager shall try again
  return exists_error("an agent runs in this network namespace already: " + who,
                      "one serves all its devices; end that one first to start another");
}

}  // namespace

Result<AgentPlace> AgentPlace::take() {
  Address address;
  Fd socket = open_socket(SOCK_NONBLOCK);
  if (!socket) return system_error(errno, "socket");
  if (bind(socket.get(), address.get(), address.bytes) != 0) {
    if (errno == EADDRINUSE) return taken_error();
    return system_error(errno, "the agent's name");
  }
  if (listen(socket.get(), kBacklog) != 0) return system_error(errno, "the agent's name");
  return AgentPlace(std::move(socket));
}

void AgentPlace::publish(const std::map<std::string, uint64_t>& figures) {
  text_.clear();
  for (const auto& [name, value] : figures)
    text_ += name + " " + std::to_string(value) + "\n";
}

void AgentPlace::answer() {
  const Fd who(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (who) (void)send(who.get(), text_.data(), text_.size(), MSG_NOSIGNAL);
}

std::optional<api::AgentStatus> ask_agent() {
  const auto holder = find_holder();
  if (!holder || (holder->who.uid != 0 && holder->who.uid != geteuid())) return std::nullopt;
  api::AgentStatus status{static_cast<uint32_t>(holder->who.pid), {}};
  std::array<char, kMostBytes> buffer{};
  const auto got = recv(holder->socket.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return status;
  std::istringstream lines(std::string(buffer.data(), static_cast<size_t>(got)));
  std::string name;
  for (uint64_t value = 0; lines >> name >> value;)
    status.figures[name] = value;
  return status;
}

}  // namespace zc::kern
