// Where methods send to: a device in a namespace of its own, and somebody at the far end who knows
// what arrived. The address is the same everywhere. Knows no method.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "bench/env/stream_check.h"

namespace zc::bench {

constexpr const char* kDevice = "nic0";
constexpr const char* kNearAddress = "10.99.0.1";
constexpr const char* kFarAddress = "10.99.0.2";
constexpr uint16_t kPort = 5004;

struct Verdict {
  std::string problem;   // why the run is void: "17 of 500 packets reached nic0"; empty: it counts
  std::string checksum;  // who summed the payload: "device", "kernel"; empty: not looked at
};

// What arrives of one run.
class FarEnd {
 public:
  virtual ~FarEnd() = default;
  // Called by the sender from time to time; may wait. False: nothing arrives any more.
  virtual bool keep_up(uint64_t /*sent*/) { return true; }
  // Waits, bounded, for what is still on its way. Once, after the last packet.
  virtual Verdict verdict() = 0;
};

class Environment {
 public:
  virtual ~Environment() = default;

  // Of both ends, in bytes.
  virtual Status set_mtu(unsigned mtu) = 0;
  // For a timed run: costs the sender as little as possible.
  virtual Result<std::unique_ptr<FarEnd>> watch(const Expected& expected) = 0;
  // For a short run that is not timed: looks at every packet as it leaves.
  virtual Result<std::unique_ptr<FarEnd>> inspect(const Expected& expected) = 0;
};

struct EnvironmentKind {
  const char* name;
  const char* what;  // for people
  // Moves this process, which must have one thread, into namespaces of the environment's own, until
  // it is destroyed. Fails with kUnsupported where the kernel has no such device.
  Result<std::unique_ptr<Environment>> (*enter)();
};
std::span<const EnvironmentKind> environments();
// nullptr where there is none of that name.
const EnvironmentKind* find_environment(const std::string& name);

// What the kernel says of kDevice, in the current namespace: for the record.
struct DeviceRecord {
  std::string link;                             // `ip -d link`, one line
  std::string qdisc;                            // "pfifo_fast"
  std::map<std::string, std::string> features;  // `ethtool -k`: "tx-udp-segmentation": "off"
};
Result<DeviceRecord> record_device();

// A UDP socket that is connected to kFarAddress:kPort. No send on it takes more than five seconds.
Result<Fd> connect_to_far_end();

// The two makers; environments() has them.
Result<std::unique_ptr<Environment>> enter_nic();
Result<std::unique_ptr<Environment>> enter_nic_uso();
Result<std::unique_ptr<Environment>> enter_veth();

}  // namespace zc::bench
