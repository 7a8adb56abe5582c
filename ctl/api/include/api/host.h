// SPDX-License-Identifier: GPL-2.0-only
// The one interface between the rules of zcctl and the kernel. LinuxHost is the real thing; tests
// put a fake in its place. Keeps no state between calls: what needs one is a Reader or a Session.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/device.h"
#include "api/path.h"
#include "api/session.h"
#include "api/socket.h"
#include "base/result.h"

namespace zc::api {

// What this kernel offers, found out by trying.
struct Features {
  std::string release;        // uname -r
  bool tcx = false;           // Linux 6.6; clsact without it
  bool kern_ctx = false;      // Linux 6.2: bpf_cast_to_kern_ctx; slower reads without it
  uint64_t table_bytes = 0;   // what the maps of one device take with ZC_DEFAULT_STREAMS
  uint32_t stream_bytes = 0;  // of which each stream
  std::string no_framing{};   // why TCP connections cannot be framed here; empty where they can
};

// The process that sends sender reports (`zcctl agent`), seen from outside.
struct AgentStatus {
  uint32_t pid = 0;                         // 0: of another PID namespace
  std::map<std::string, uint64_t> figures;  // what it counted, by name; empty: it did not answer
};

enum class ReadLock : uint8_t {
  kShared,  // nobody changes anything meanwhile; waits for a zcctl that does
  kNone,    // waits for nobody, and may see another zcctl's work half done: for who watches long
};

class Host {
 public:
  virtual ~Host() = default;

  virtual Result<Device> device(const std::string& name) = 0;
  virtual std::string device_name(uint32_t ifindex) = 0;
  // kNotFound where there is no such folder, kUsage where it is no cgroup of version 2.
  virtual Result<Target> cgroup(const std::string& path) = 0;
  // The process's established TCP connections to `to`, or where that has no port those of the port
  // `local_port` of their host. With `fd` only that one, and why it does not fit. kNotFound where
  // there is none, kNotPermitted without CAP_SYS_PTRACE.
  virtual Result<std::vector<Connection>> find_connections(uint32_t pid, std::optional<uint32_t> fd,
                                                           const Endpoint& to,
                                                           uint16_t local_port) = 0;
  // kUnsupported, with the reason, where this kernel cannot frame TCP connections.
  virtual Status framing() = 0;
  // For who wants to read it all: takes a while.
  virtual Result<Features> features() = 0;
  // Those that attach decides by. has_tcx fails where the kernel or our capabilities allow no
  // BPF at all.
  virtual Result<bool> has_tcx() = 0;
  virtual std::string release() = 0;  // decided on only where nothing else tells
  // Nothing is pinned where no bpffs is mounted.
  virtual Result<std::unique_ptr<Reader>> read(ReadLock lock) = 0;
  // Waits for other zcctls. Mounts the bpffs where none is.
  virtual Result<std::unique_ptr<Session>> change() = 0;
  // Does not wait: nullptr where another zcctl is at work, or nothing is pinned.
  virtual Result<std::unique_ptr<Session>> try_change() = 0;
  // The process's UDP sockets that are connected to `to`, and bound to `from` where that is given
  // and no NAT can stand in between, which is in this network namespace; sockets of others are
  // found, too, whatever their source. With `fd` only that one, and why it does not fit. kNotFound
  // where there is none, kNotPermitted without CAP_SYS_PTRACE.
  virtual Result<std::vector<ForeignSocket>> find_sockets(uint32_t pid, std::optional<uint32_t> fd,
                                                          const Endpoint& to,
                                                          const std::optional<Endpoint>& from) = 0;
  // The packet's source address towards a destination, as routing says now; for SDP. What an app
  // sends to a group by `dev` needs no route: then it is that device's address.
  virtual Result<Endpoint> source_towards(const Endpoint& destination, const std::string& dev) = 0;
  // What a packet of this host would meet. `from`, where given, must be an address of this host: of
  // any other one the answer says nothing.
  virtual Result<Route> route(const Endpoint& to, const std::optional<Endpoint>& from) = 0;
  virtual Result<Neighbour> neighbour(uint32_t ifindex, const Endpoint& address) = 0;
  // What packets of rules with --rate would wait in. Found out by trying, where nobody is
  // disturbed; nothing where it may not be tried.
  virtual Result<std::optional<zc_pace_kind>> pacing() = 0;
  virtual Result<std::vector<Queue>> queues(uint32_t ifindex) = 0;
  // All processes' UDP sockets that are connected to `to`, those of other network namespaces too
  // as far as they can be entered.
  virtual Result<AppSockets> sockets_towards(const Endpoint& to) = 0;
  // The agent of this network namespace; nothing where none runs. Waits for no busy one for long.
  virtual std::optional<AgentStatus> agent() = 0;
  virtual void wait(std::chrono::milliseconds time) = 0;
  virtual uint64_t now_ns() = 0;  // CLOCK_MONOTONIC, which streams are stamped with
};

}  // namespace zc::api
