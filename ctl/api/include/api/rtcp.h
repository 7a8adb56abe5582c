// SPDX-License-Identifier: GPL-2.0-only
// What the RTCP agent asks of the kernel: the tables of streams without the lock, sockets for
// reports, time, and who waits for the process. Values and interfaces only; what is reported is
// core's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/session.h"
#include "base/address.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::api {

// The kernel's two clocks at one instant.
struct Clocks {
  uint64_t monotonic_ns = 0;  // CLOCK_MONOTONIC
  uint64_t real_ns = 0;       // CLOCK_REALTIME: since 1970, UTC
};

struct StreamPlace {
  zc_flow flow{};
  uint32_t slot = 0;
};

using ReceiverEntry = std::pair<zc_receiver_key, zc_receiver>;

// One device's tables, as long as they are pinned. Nothing of rules or streams is changed.
class AgentTables {
 public:
  virtual ~AgentTables() = default;

  virtual zc_meta meta() const = 0;
  virtual Result<std::vector<std::pair<uint32_t, zc_rule>>> rules() = 0;  // by id
  virtual Result<std::vector<StreamPlace>> streams() = 0;
  // As it is at this moment; the words of it that belong together are read together.
  virtual zc_stream stream(uint32_t slot) const = 0;
  virtual Result<std::vector<ReceiverEntry>> receivers() = 0;
  virtual Status put_receiver(const zc_receiver_key& key, const zc_receiver& value) = 0;
  virtual Status remove_receiver(const zc_receiver_key& key) = 0;
};

// How the reports of a stream travel.
struct ReportPath {
  Endpoint source;       // of the stream, with its RTP port
  Endpoint destination;  // where reports go
  uint32_t ifindex = 0;  // the stream's device: groups are sent to and heard by it
  uint8_t ttl = 0;       // 0: the kernel's choice
  uint8_t tos = 0;
  bool marked = false;  // with ZC_RTCP_MARK: a rule would take them
  bool mux = false;     // to RTP's own port: a group is not joined, for all its media would come

  bool operator==(const ReportPath&) const = default;
};

struct ReportEvent {
  enum class Kind : uint8_t {
    kQuiet,   // the time is over
    kPacket,  // somebody sent something to one of the sockets
    kStop,    // SIGINT, SIGTERM or SIGHUP
  };
  Kind kind = Kind::kQuiet;
  Endpoint from{};
  std::span<const uint8_t> packet{};  // valid until the next wait
  bool cut = false;                   // it was longer
};

// What a service manager is told (sd_notify(3)); without one nothing happens.
enum class ServiceState : uint8_t { kReady, kAlive, kStopping };

// The one agent of a network namespace, for as long as it lives.
class AgentNet {
 public:
  virtual ~AgentNet() = default;

  virtual Clocks now() = 0;
  // Devices of this namespace that have pins, in whatever state.
  virtual Result<std::vector<PinnedDevice>> devices() = 0;
  virtual std::string device_name(uint32_t ifindex) = 0;  // empty: it is gone
  virtual Result<std::unique_ptr<AgentTables>> open(const PinnedDevice& pins) = 0;

  // A path has a socket at the odd port behind an even RTP port where that can be had, any one
  // otherwise.
  virtual uint32_t open_path(const ReportPath& path) = 0;
  virtual void close_path(uint32_t path) = 0;
  virtual int send(uint32_t path, std::span<const uint8_t> packet) = 0;  // 0, or errno

  // Until CLOCK_MONOTONIC says so, or something happens.
  virtual Result<ReportEvent> wait(uint64_t until_ns) = 0;
  // What `show` is told of this agent.
  virtual void publish(const std::map<std::string, uint64_t>& figures) = 0;
  virtual void notify(ServiceState state, const std::string& status) = 0;
};

class AgentStarter {
 public:
  virtual ~AgentStarter() = default;
  // kExists where one runs already.
  virtual Result<std::unique_ptr<AgentNet>> start() = 0;
};

}  // namespace zc::api
