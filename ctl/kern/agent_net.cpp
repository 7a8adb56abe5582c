// SPDX-License-Identifier: GPL-2.0-only
#include <sys/epoll.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <utility>

#include "agent_place.h"
#include "agent_tables.h"
#include "bpffs.h"
#include "device.h"
#include "inspect.h"
#include "interrupts.h"
#include "kern/agent.h"
#include "report_sockets.h"
#include "service.h"

namespace zc::kern {
namespace {

using api::ReportEvent;
using Kind = ReportEvent::Kind;

constexpr uint64_t kNsPerSecond = 1'000'000'000, kNsPerMs = 1'000'000;
// In the place of a socket's number, which is no such one.
constexpr uint64_t kSignals = UINT64_MAX, kPlace = UINT64_MAX - 1;
constexpr int kMostPacketsATurn = 64;  // of one socket: a flood at one keeps nobody waiting

uint64_t clock_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * kNsPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

class LinuxAgentNet final : public api::AgentNet {
 public:
  LinuxAgentNet(AgentPlace place, Interrupts interrupts, Fd epoll)
      : place_(std::move(place)),
        interrupts_(std::move(interrupts)),
        epoll_(std::move(epoll)),
        sockets_(epoll_.get()) {}

  Status listen() {
    ZC_TRY(add(interrupts_.poll_entry().fd, kSignals));
    return add(place_.fd(), kPlace);
  }

  api::Clocks now() override;
  Result<std::vector<api::PinnedDevice>> devices() override;
  std::string device_name(uint32_t ifindex) override { return kern::device_name(ifindex); }
  Result<std::unique_ptr<api::AgentTables>> open(const api::PinnedDevice& pins) override;
  uint32_t open_path(const api::ReportPath& path) override { return sockets_.open(path); }
  void close_path(uint32_t path) override { sockets_.close(path); }
  int send(uint32_t path, std::span<const uint8_t> packet) override {
    return sockets_.send(path, packet);
  }
  Result<ReportEvent> wait(uint64_t until_ns) override;
  void publish(const std::map<std::string, uint64_t>& figures) override { place_.publish(figures); }
  void notify(api::ServiceState state, const std::string& status) override {
    service_.notify(state, status);
  }

 private:
  Status add(int fd, uint64_t number);
  std::optional<ReportEvent> next_packet();
  Result<bool> poll(uint64_t until_ns);

  AgentPlace place_;
  Interrupts interrupts_;
  Fd epoll_;
  ReportSockets sockets_;
  Service service_;
  std::vector<uint64_t> ready_;  // sockets that have something
  int taken_ = 0;                // packets of the last one of these
  bool stopped_ = false;
};

Status LinuxAgentNet::add(int fd, uint64_t number) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return ok();
  return system_error(errno, "epoll");
}

// Both of the same instant: the clock that is read twice gives the middle. Of three tries the one
// that was interrupted least.
api::Clocks LinuxAgentNet::now() {
  api::Clocks best;
  uint64_t shortest = UINT64_MAX;
  for (int i = 0; i < 3; i++) {
    const uint64_t before = clock_ns(CLOCK_MONOTONIC);
    const uint64_t real = clock_ns(CLOCK_REALTIME);
    const uint64_t took = clock_ns(CLOCK_MONOTONIC) - before;
    if (took >= shortest) continue;
    shortest = took;
    best = {before + took / 2, real};
  }
  return best;
}

Result<std::vector<api::PinnedDevice>> LinuxAgentNet::devices() {
  const Bpffs bpffs = ZC_TRY(open_bpffs(Mount::kNever));
  if (bpffs.path.empty()) return std::vector<api::PinnedDevice>();
  return inspect_pins_here(bpffs.path);
}

Result<std::unique_ptr<api::AgentTables>> LinuxAgentNet::open(const api::PinnedDevice& pins) {
  const Bpffs bpffs = ZC_TRY(open_bpffs(Mount::kNever));
  return open_agent_tables({bpffs.path, Scope{pins.netns_cookie, pins.ifindex}});
}

std::optional<ReportEvent> LinuxAgentNet::next_packet() {
  while (!ready_.empty()) {
    const bool enough = taken_++ == kMostPacketsATurn;
    const auto packet = enough ? std::nullopt : sockets_.receive(ready_.back());
    if (packet) return ReportEvent{Kind::kPacket, packet->from, packet->bytes, packet->cut};
    ready_.pop_back();
    taken_ = 0;
  }
  return std::nullopt;
}

// False: nothing came in time.
Result<bool> LinuxAgentNet::poll(uint64_t until_ns) {
  const uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  const uint64_t left_ms = until_ns > now_ns ? (until_ns - now_ns + kNsPerMs - 1) / kNsPerMs : 0;
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               static_cast<int>(left_ms));
  if (count < 0 && errno != EINTR) return system_error(errno, "epoll");
  for (int i = 0; i < count; i++) {
    const uint64_t number = events[static_cast<size_t>(i)].data.u64;
    if (number == kSignals)
      stopped_ = interrupts_.taken() || stopped_;
    else if (number == kPlace)
      place_.answer();
    else
      ready_.push_back(number);
  }
  return count > 0;
}

Result<ReportEvent> LinuxAgentNet::wait(uint64_t until_ns) {
  while (true) {
    if (const auto packet = next_packet()) return *packet;
    const bool something = ZC_TRY(poll(until_ns));
    if (stopped_) return ReportEvent{Kind::kStop};
    if (!something) return ReportEvent{};
  }
}

class LinuxAgentStarter final : public api::AgentStarter {
 public:
  Result<std::unique_ptr<api::AgentNet>> start() override {
    AgentPlace place = ZC_TRY(AgentPlace::take());
    Interrupts interrupts = ZC_TRY(Interrupts::hold());
    Fd epoll(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return system_error(errno, "epoll");
    raise_descriptor_limit();
    auto net =
        std::make_unique<LinuxAgentNet>(std::move(place), std::move(interrupts), std::move(epoll));
    ZC_TRY(net->listen());
    return std::unique_ptr<api::AgentNet>(std::move(net));
  }
};

}  // namespace

std::unique_ptr<api::AgentStarter> make_agent_starter() {
  return std::make_unique<LinuxAgentStarter>();
}

}  // namespace zc::kern
