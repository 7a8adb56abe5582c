// SPDX-License-Identifier: GPL-2.0-only
#include "test_sender.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"
#include "inet.h"
#include "interrupts.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace zc::kern {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kConnectPatience{5000};
constexpr size_t kLongestLine = 1024;
constexpr int kSendBuffer = 4 << 20;
constexpr int kTries = 100;  // of a send that the kernel has no room for, 2 ms apart

int family_of(const Endpoint& endpoint) {
  return endpoint.family == Family::kIpv4 ? AF_INET : AF_INET6;
}

Error unreachable(int why, const Endpoint& to) {
  const std::string hint = "there: zcctl probe --listen :" + std::to_string(to.port) +
                           "; let its TCP and UDP through the firewalls";
  if (why == ECONNREFUSED) return not_found_error("nobody listens at " + to.text(), hint);
  Error error = system_error(why, "TCP connection to " + to.text());
  if (error.hint.empty()) error.hint = hint;
  return error;
}

Result<Fd> connect_tcp(Interrupts& interrupts, const Endpoint& to, uint32_t scope) {
  Fd tcp(socket(family_of(to), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  SocketAddress address = to_socket_address(to, scope);
  if (!tcp) return system_error(errno, "TCP socket");
  if (::connect(tcp.get(), address.get(), address.length) == 0) return tcp;
  if (errno != EINPROGRESS) return unreachable(errno, to);
  if (!ZC_TRY(interrupts.wait(tcp.get(), POLLOUT, kConnectPatience)))
    return unreachable(ETIMEDOUT, to);
  int why = 0;
  socklen_t length = sizeof(why);
  if (getsockopt(tcp.get(), SOL_SOCKET, SO_ERROR, &why, &length) != 0) why = errno;
  if (why != 0) return unreachable(why, to);
  return tcp;
}

// DF set, and no notice taken of what the path's MTU is thought to be.
bool set_df(const Fd& udp, const Endpoint& to) {
  const int probe = IP_PMTUDISC_PROBE, probe6 = IPV6_PMTUDISC_PROBE;
  return to.family == Family::kIpv4
             ? setsockopt(udp.get(), IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof(probe)) == 0
             : setsockopt(udp.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe6, sizeof(probe6)) == 0;
}

Result<Fd> connect_udp(const Endpoint& to, uint32_t scope) {
  Fd udp(socket(family_of(to), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  SocketAddress address = to_socket_address(to, scope);
  if (!udp || !set_df(udp, to)) return system_error(errno, "UDP socket");
  (void)setsockopt(udp.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer, sizeof(kSendBuffer));
  if (::connect(udp.get(), address.get(), address.length) != 0)
    return system_error(errno, "UDP to " + to.text());
  return udp;
}

class Sender final : public api::TestSender {
 public:
  Sender(Interrupts interrupts, Fd tcp, Fd udp, const Endpoint& source)
      : interrupts_(std::move(interrupts)),
        tcp_(std::move(tcp)),
        udp_(std::move(udp)),
        source_(source) {}

  Endpoint source() const override { return source_; }
  Status say(const std::string& line) override;
  Result<std::string> hear(milliseconds patience) override;
  Status set_segment(uint32_t bytes) override;
  Result<bool> send(std::span<const uint8_t> payload) override;
  Status pause(microseconds time) override {
    (void)ZC_TRY(interrupts_.wait(-1, 0, time));
    return ok();
  }

 private:
  Interrupts interrupts_;
  Fd tcp_, udp_;
  Endpoint source_;
  std::string heard_;
};

// A few short lines never fill a socket.
Status Sender::say(const std::string& line) {
  const std::string text = line + "\n";
  const auto said = ::send(tcp_.get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (said == static_cast<ssize_t>(text.size())) return ok();
  return failed_error("the listener has gone", "see what it says there, and start it again");
}

Result<std::string> Sender::hear(milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const size_t end = heard_.find('\n');
    if (end != std::string::npos) {
      std::string line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      return line;
    }
    const auto left =
        std::chrono::duration_cast<microseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || heard_.size() > kLongestLine)
      return failed_error("the listener gives no answer",
                          "is it `zcctl probe --listen` that listens there?");
    if (!ZC_TRY(interrupts_.wait(tcp_.get(), POLLIN, left))) continue;
    char buffer[512];
    const auto got = recv(tcp_.get(), buffer, sizeof(buffer), 0);
    if (got > 0)
      heard_.append(buffer, static_cast<size_t>(got));
    else if (got == 0 || errno != EAGAIN)
      return failed_error("the listener has gone", "see what it says there, and start it again");
  }
}

Status Sender::set_segment(uint32_t bytes) {
  const int value = static_cast<int>(bytes);
  if (setsockopt(udp_.get(), IPPROTO_UDP, UDP_SEGMENT, &value, sizeof(value)) == 0) return ok();
  return system_error(errno, "UDP_SEGMENT");
}

Result<bool> Sender::send(std::span<const uint8_t> payload) {
  int why = 0;
  for (int tries = 0; tries < kTries; tries++) {
    if (::send(udp_.get(), payload.data(), payload.size(), 0) >= 0) return true;
    why = errno;
    if (why == EMSGSIZE) return false;
    // What ICMP said of an earlier packet comes as an error of the next send, once.
    const bool earlier = why == ECONNREFUSED || why == EHOSTUNREACH || why == ENETUNREACH;
    if (!earlier && why != ENOBUFS && why != EAGAIN) break;
    ZC_TRY(pause(milliseconds(2)));
  }
  return system_error(why, "cannot send the test's datagrams");
}

}  // namespace

Result<std::unique_ptr<api::TestSender>> connect_test_sender(const std::string& dev,
                                                             const Endpoint& to) {
  const uint32_t scope = if_nametoindex(dev.c_str());
  Interrupts interrupts = ZC_TRY(Interrupts::hold());
  Fd tcp = ZC_TRY(connect_tcp(interrupts, to, scope));
  Fd udp = ZC_TRY(connect_udp(to, scope));
  SocketAddress source;
  if (getsockname(udp.get(), source.get(), &source.length) != 0)
    return system_error(errno, "UDP socket");
  return std::unique_ptr<api::TestSender>(std::make_unique<Sender>(
      std::move(interrupts), std::move(tcp), std::move(udp), to_endpoint(source)));
}

}  // namespace zc::kern
