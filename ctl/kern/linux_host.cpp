// SPDX-License-Identifier: GPL-2.0-only
#include "kern/linux_host.h"

#include <sys/utsname.h>

#include <thread>

#include "agent_place.h"
#include "app_sockets.h"
#include "cgroup.h"
#include "connections.h"
#include "device.h"
#include "framing_support.h"
#include "hook.h"
#include "monotonic.h"
#include "pace.h"
#include "program.h"
#include "queue.h"
#include "route.h"
#include "session.h"
#include "sockets.h"

namespace zc::kern {
namespace {

class LinuxHost final : public api::Host {
 public:
  Result<api::Device> device(const std::string& name) override { return find_device(name); }
  std::string device_name(uint32_t ifindex) override { return kern::device_name(ifindex); }
  Result<api::Target> cgroup(const std::string& path) override { return find_cgroup(path); }
  Result<std::vector<api::Connection>> find_connections(uint32_t pid, std::optional<uint32_t> fd,
                                                        const Endpoint& to,
                                                        uint16_t local_port) override {
    return kern::find_connections(pid, fd, to, local_port);
  }
  Status framing() override { return check_framing(); }
  Result<api::Features> features() override;
  Result<bool> has_tcx() override { return kern::has_tcx(ZC_TRY(load_pass_program()).get()); }
  std::string release() override;
  Result<std::unique_ptr<api::Reader>> read(api::ReadLock lock) override {
    return open_reader(lock);
  }
  Result<std::unique_ptr<api::Session>> change() override { return open_session(); }
  Result<std::unique_ptr<api::Session>> try_change() override { return try_open_session(); }
  Result<std::vector<api::ForeignSocket>> find_sockets(
      uint32_t pid, std::optional<uint32_t> fd, const Endpoint& to,
      const std::optional<Endpoint>& from) override {
    return kern::find_sockets(pid, fd, to, from);
  }
  Result<Endpoint> source_towards(const Endpoint& destination, const std::string& dev) override {
    return kern::source_towards(destination, dev);
  }
  Result<api::Route> route(const Endpoint& to, const std::optional<Endpoint>& from) override {
    return find_route(to, from);
  }
  Result<api::Neighbour> neighbour(uint32_t ifindex, const Endpoint& address) override {
    return find_neighbour(ifindex, address);
  }
  Result<std::optional<zc_pace_kind>> pacing() override { return probe_pace(); }
  Result<std::vector<api::Queue>> queues(uint32_t ifindex) override { return find_queues(ifindex); }
  Result<api::AppSockets> sockets_towards(const Endpoint& to) override {
    return find_app_sockets(to);
  }
  std::optional<api::AgentStatus> agent() override { return ask_agent(); }
  void wait(std::chrono::milliseconds time) override { std::this_thread::sleep_for(time); }
  uint64_t now_ns() override { return monotonic_ns(); }
};

std::string LinuxHost::release() {
  utsname name{};
  return uname(&name) == 0 ? name.release : "";
}

Result<api::Features> LinuxHost::features() {
  api::Features features;
  features.release = release();
  features.tcx = ZC_TRY(has_tcx());
  features.kern_ctx = has_kern_ctx();
  const uint64_t once = ZC_TRY(EgressProgram::table_bytes({}));
  const uint64_t twice =
      ZC_TRY(EgressProgram::table_bytes({.max_streams = 2 * ZC_DEFAULT_STREAMS}));
  const Status framing = check_framing();
  if (!framing) features.no_framing = framing.error().message;
  features.table_bytes = once;
  features.stream_bytes = static_cast<uint32_t>((twice - once) / ZC_DEFAULT_STREAMS);
  return features;
}

}  // namespace

std::unique_ptr<api::Host> make_linux_host() {
  capture_libbpf_log();
  return std::make_unique<LinuxHost>();
}

}  // namespace zc::kern
