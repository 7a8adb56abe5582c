// SPDX-License-Identifier: GPL-2.0-only
#include "test_listener.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <map>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "inet.h"
#include "interrupts.h"
#include "packet_tap.h"

namespace zc::kern {
namespace {

using api::TestEvent;
using Kind = api::TestEvent::Kind;

constexpr size_t kLongestLine = 512;
constexpr size_t kMostSessions = 32;  // core refuses some of them with a word
constexpr int kBacklog = 8;

struct Session {
  Fd tcp;
  std::string heard;
};

// On all addresses of both families where the kernel has IPv6.
Result<Fd> bind_socket(const std::optional<Endpoint>& at, uint16_t port, int type) {
  Endpoint local = at.value_or(Endpoint{Family::kIpv6, {}, 0});
  local.port = port;
  const auto open = [&] {
    const int family = local.family == Family::kIpv4 ? AF_INET : AF_INET6;
    return Fd(socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  };
  Fd opened = open();
  if (!opened && !at) {
    local.family = Family::kIpv4;
    opened = open();
  }
  if (!opened) return system_error(errno, "socket");
  const int on = 1, off = 0;
  if (type == SOCK_STREAM)
    (void)setsockopt(opened.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (local.family == Family::kIpv6)
    (void)setsockopt(opened.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  SocketAddress address = to_socket_address(local);
  if (bind(opened.get(), address.get(), address.length) == 0) return opened;
  const int why = errno;
  const std::string what = (type == SOCK_STREAM ? "TCP port " : "UDP port ") + std::to_string(port);
  if (why == EADDRINUSE)
    return exists_error(what + " is in use", "take another at both ends: --listen :PORT");
  return system_error(why, at ? what + " of " + at->address_text() : what);
}

// Holds the UDP port, so that this host answers no test packet with ICMP, and reads nothing from
// it.
Result<Fd> hold_udp_port(const std::optional<Endpoint>& at, uint16_t port) {
  Fd udp = ZC_TRY(bind_socket(at, port, SOCK_DGRAM));
  sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog filter{1, &nothing};
  if (setsockopt(udp.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0) return udp;
  return system_error(errno, "UDP socket");
}

class Listener final : public api::TestListener {
 public:
  Listener(Interrupts interrupts, Fd tcp, Fd udp, PacketTap ipv4, PacketTap ipv6)
      : interrupts_(std::move(interrupts)),
        tcp_(std::move(tcp)),
        udp_(std::move(udp)),
        taps_{std::move(ipv4), std::move(ipv6)} {}

  Result<TestEvent> wait(std::chrono::milliseconds patience) override;
  void say(uint32_t id, const std::string& line) override;
  void hang_up(uint32_t id) override { sessions_.erase(id); }
  uint64_t missed() override { return taps_[0].missed() + taps_[1].missed(); }

 private:
  std::vector<pollfd> poll_entries() const;
  std::optional<TestEvent> line_of(uint32_t id, Session& session);
  std::optional<TestEvent> buffered_line();
  std::optional<TestEvent> accept_one();
  std::optional<TestEvent> read_from(uint32_t id);
  std::optional<TestEvent> hear(const std::vector<pollfd>& entries);
  std::optional<TestEvent> take_packet();

  Interrupts interrupts_;
  Fd tcp_, udp_;
  std::array<PacketTap, 2> taps_;
  std::map<uint32_t, Session> sessions_;
  std::vector<uint32_t> gone_;  // hung up by `say`: to be told
  uint32_t last_id_ = 0;
  uint32_t turn_ = 0;
};

// Signals, new sessions, packets of both families; then the sessions in their order.
std::vector<pollfd> Listener::poll_entries() const {
  const int listening = sessions_.size() < kMostSessions ? tcp_.get() : -1;
  std::vector<pollfd> entries = {interrupts_.poll_entry(),
                                 {listening, POLLIN, 0},
                                 {taps_[0].fd(), POLLIN, 0},
                                 {taps_[1].fd(), POLLIN, 0}};
  for (const auto& [id, session] : sessions_)
    entries.push_back({session.tcp.get(), POLLIN, 0});
  return entries;
}

std::optional<TestEvent> Listener::line_of(uint32_t id, Session& session) {
  const size_t end = session.heard.find('\n');
  if (end == std::string::npos) return {};
  TestEvent event{Kind::kLine, id, session.heard.substr(0, end)};
  session.heard.erase(0, end + 1);
  return event;
}

std::optional<TestEvent> Listener::buffered_line() {
  for (auto& [id, session] : sessions_) {
    if (auto line = line_of(id, session)) return line;
  }
  return {};
}

std::optional<TestEvent> Listener::accept_one() {
  SocketAddress peer;
  Fd tcp(accept4(tcp_.get(), peer.get(), &peer.length, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!tcp) return {};
  const uint32_t id = ++last_id_;
  sessions_[id].tcp = std::move(tcp);
  return TestEvent{Kind::kJoined, id, to_endpoint(peer).text()};
}

std::optional<TestEvent> Listener::read_from(uint32_t id) {
  Session& session = sessions_.at(id);
  char buffer[kLongestLine];
  const auto got = recv(session.tcp.get(), buffer, sizeof(buffer), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (got > 0) {
    session.heard.append(buffer, static_cast<size_t>(got));
    if (auto line = line_of(id, session)) return line;
    if (session.heard.size() < kLongestLine) return {};
  }
  sessions_.erase(id);
  return TestEvent{Kind::kLeft, id};
}

// One event of a session; where nobody says anything, a new one.
std::optional<TestEvent> Listener::hear(const std::vector<pollfd>& entries) {
  size_t at = 4;
  for (const auto& [id, session] : sessions_) {
    if (entries[at++].revents) return read_from(id);
  }
  return entries[1].revents ? accept_one() : std::nullopt;
}

std::optional<TestEvent> Listener::take_packet() {
  for (const uint32_t which : {turn_ / 2 % 2, (turn_ / 2 + 1) % 2}) {
    if (const auto packet = taps_[which].take())
      return TestEvent{Kind::kPacket, 0, {}, packet->bytes, packet->unfinished};
  }
  return {};
}

// Sessions and packets take turns, and so do the families: a flood of one starves no other.
Result<TestEvent> Listener::wait(std::chrono::milliseconds patience) {
  if (!gone_.empty()) {
    const uint32_t id = gone_.back();
    gone_.pop_back();
    return TestEvent{Kind::kLeft, id};
  }
  if (auto line = buffered_line()) return *line;
  std::vector<pollfd> entries = poll_entries();
  if (poll(entries.data(), entries.size(), static_cast<int>(patience.count())) < 0 &&
      errno != EINTR)
    return system_error(errno, "poll");
  if (entries[0].revents && interrupts_.taken()) return TestEvent{Kind::kStop};
  const bool packets_first = ++turn_ % 2;
  auto event = packets_first ? take_packet() : hear(entries);
  if (!event) event = packets_first ? hear(entries) : take_packet();
  return event.value_or(TestEvent{});
}

void Listener::say(uint32_t id, const std::string& line) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const std::string text = line + "\n";
  const auto said =
      send(found->second.tcp.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (said == static_cast<ssize_t>(text.size())) return;
  sessions_.erase(found);
  gone_.push_back(id);
}

}  // namespace

Result<std::unique_ptr<api::TestListener>> open_test_listener(const std::optional<Endpoint>& at,
                                                              uint16_t port) {
  Interrupts interrupts = ZC_TRY(Interrupts::hold());
  PacketTap ipv4 = ZC_TRY(PacketTap::open(Family::kIpv4, port));
  PacketTap ipv6 = ZC_TRY(PacketTap::open(Family::kIpv6, port));
  Fd udp = ZC_TRY(hold_udp_port(at, port));
  Fd tcp = ZC_TRY(bind_socket(at, port, SOCK_STREAM));
  if (::listen(tcp.get(), kBacklog) != 0) return system_error(errno, "TCP socket");
  return std::unique_ptr<api::TestListener>(std::make_unique<Listener>(
      std::move(interrupts), std::move(tcp), std::move(udp), std::move(ipv4), std::move(ipv6)));
}

}  // namespace zc::kern
