// SPDX-License-Identifier: GPL-2.0-only
// Where methods send to: a device in a namespace of its own, and somebody at the far end who knows
// what arrived. The address is the same everywhere. Knows no method, only what one sends with
// (Way).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "env/stream_check.h"
#include "job/far_end.h"

namespace zc::bench {

constexpr const char* kDevice = "nic0";

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
  // So many sends found a full queue and were tried again. Of a datagram larger than the MTU the
  // first fragments may have left all the same. Said before drain().
  void sends_failed(uint64_t sends) { failed_sends_ = sends; }
  // Asked before the clock is stopped, where what is buffered would be work not counted.
  virtual void drain() {}
  // Waits, bounded, for what is still on its way. Once, after the last packet.
  virtual Verdict verdict() = 0;

 protected:
  uint64_t failed_sends() const { return failed_sends_; }

 private:
  uint64_t failed_sends_ = 0;
};

struct Ends {
  Fd near;  // a connected socket; no send on it takes more than five seconds
  std::unique_ptr<FarEnd> far;
};

class Environment {
 public:
  virtual ~Environment() = default;

  // Sets it at both ends, in bytes.
  virtual Status set_mtu(unsigned mtu) = 0;
  // Why methods of that way cannot be measured here, or nothing.
  virtual std::string why_not(Way way) const = 0;
  // The one that its link and offloads are recorded of.
  virtual const char* device() const { return kDevice; }
  // The device that methods hand frames to. Packet sockets do not see those, so a run that is
  // inspected may have another than kDevice.
  virtual const char* frame_device(bool /*inspected*/) const { return kDevice; }
  // Serves a timed run: costs the sender as little as possible.
  virtual Result<std::unique_ptr<FarEnd>> watch(const Expected& expected) = 0;
  // Serves a short run that is not timed: looks at every packet as it leaves.
  virtual Result<std::unique_ptr<FarEnd>> inspect(const Expected& expected, Way way) = 0;
  // A TCP connection to the far end, who verifies every byte where `inspected`, else some.
  virtual Result<Ends> connect_tcp(const Expected& expected, bool inspected);
  // How many frames were sent on kDevice: for programs, whose packets are not known before.
  virtual uint64_t frames_sent() const { return 0; }
};

// Their names, for suites that mean one of them.
constexpr const char* kNic = "nic";
constexpr const char* kNicUso = "nic-uso";
constexpr const char* kNic1g = "nic-1g";
constexpr const char* kVeth = "veth";
constexpr const char* kLo = "lo";

struct EnvironmentKind {
  std::string_view name;
  const char* what;  // for people
  // Moves this process, which must have one thread, into namespaces of the environment's own, until
  // it is destroyed. Fails with kUnsupported where the kernel has no such device.
  Result<std::unique_ptr<Environment>> (*enter)();
};
std::span<const EnvironmentKind> environments();
// "nic, nic-uso", for people: all of them.
std::string environment_names();
// nullptr where there is none of that name.
const EnvironmentKind* find_environment(const std::string& name);

// What the kernel says of a device, in the current namespace: for the record.
struct DeviceRecord {
  std::string link;                             // `ip -d link`, one line
  std::string qdisc;                            // "pfifo_fast"
  std::string congestion_control;               // TCP's here: "cubic"
  std::map<std::string, std::string> features;  // `ethtool -k`: "tx-udp-segmentation": "off"
};
Result<DeviceRecord> record_device(const std::string& dev);

// A socket (SOCK_DGRAM, SOCK_STREAM) that is connected to kFarAddress:kPort. No send on it takes
// more than five seconds; what a full queue drops is an error of the send (IP_RECVERR).
Result<Fd> connect_to_far_end(int type);

// The makers; environments() has them.
Result<std::unique_ptr<Environment>> enter_nic();
Result<std::unique_ptr<Environment>> enter_nic_uso();
Result<std::unique_ptr<Environment>> enter_nic_1g();
Result<std::unique_ptr<Environment>> enter_veth();
Result<std::unique_ptr<Environment>> enter_lo();

}  // namespace zc::bench
