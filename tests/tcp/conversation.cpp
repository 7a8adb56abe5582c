// SPDX-License-Identifier: GPL-2.0-only
#include "conversation.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <random>
#include <stdexcept>
#include <thread>

#include "support/endpoint.h"

namespace zc::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + strerror(errno));
}

void wants(bool done, const std::string& what) {
  if (!done) fail(what);
}

// This thread is in the namespace as long as it lives.
class Visit {
 public:
  explicit Visit(const std::string& netns) {
    if (netns.empty()) return;
    home_ = Fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    const Fd there(open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC));
    wants(home_ && setns(there.get(), CLONE_NEWNET) == 0, "cannot enter " + netns);
  }
  ~Visit() {
    if (home_) setns(home_.get(), CLONE_NEWNET);
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  Fd home_;
};

Fd stream_socket(int family, int buffer) {
  Fd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int one = 1;
  const timeval patience{20, 0};
  wants(static_cast<bool>(socket), "socket");
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (buffer) {
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
  }
  return socket;
}

}  // namespace

Fd listen_on(const std::string& endpoint, const std::string& netns, int buffer) {
  const Visit visit(netns);
  const SocketAddress address = socket_address(endpoint);
  Fd socket = stream_socket(address.storage.ss_family, buffer);
  wants(bind(socket.get(), address.get(), address.length) == 0, "bind " + endpoint);
  wants(listen(socket.get(), 4096) == 0, "listen");
  return socket;
}

Fd connect_to(const std::string& endpoint, int buffer, const std::string& netns,
              uint16_t source_port) {
  const Visit visit(netns);
  const SocketAddress address = socket_address(endpoint);
  Fd socket = stream_socket(address.storage.ss_family, buffer);
  if (source_port) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(source_port);
    wants(bind(socket.get(), reinterpret_cast<sockaddr*>(&here), sizeof(here)) == 0, "bind");
  }
  wants(connect(socket.get(), address.get(), address.length) == 0, "connect to " + endpoint);
  return socket;
}

Heard hear(int socket, const Buffers& buffers, uint64_t seed) {
  std::mt19937_64 random(seed);
  Heard heard;
  std::vector<uint8_t> part(1 << 20);
  for (;;) {
    if (buffers.pauses && random() % 20 == 0) usleep(static_cast<useconds_t>(random() % 3000));
    const size_t most = buffers.pauses ? 1 + random() % part.size() : part.size();
    const ssize_t bytes = recv(socket, part.data(), most, 0);
    if (bytes == 0) return heard;
    if (bytes < 0) {
      heard.fault = std::string("recv: ") + strerror(errno);
      return heard;
    }
    heard.stream.insert(heard.stream.end(), part.begin(), part.begin() + bytes);
  }
}

Said talk(const Source& source, const Talk& talk) {
  Said said;
  const Fd listener = listen_on(talk.to, talk.netns, talk.buffers.bytes);
  std::thread receiver([&] {
    const Fd socket(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    said.heard = hear(socket.get(), talk.buffers, talk.seed);
  });
  const Fd socket = connect_to(talk.to, talk.buffers.bytes);
  said.sent = send_all(socket.get(), source, talk.manner, talk.seed);
  receiver.join();
  return said;
}

}  // namespace zc::test
