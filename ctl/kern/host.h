// The one interface between the rules of zcctl and the kernel. LinuxHost is the real thing; tests
// put a fake in its place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "kern/bpffs.h"
#include "kern/device.h"
#include "zc/abi.h"

namespace zc::kern {

// What this kernel offers, found out by trying.
struct Features {
  std::string release;       // uname -r: for people, never decided on
  bool tcx = false;          // Linux 6.6; clsact without it
  bool kern_ctx = false;     // Linux 6.2: bpf_cast_to_kern_ctx; slower reads without it
  uint32_t table_bytes = 0;  // what the maps of one device take
};

struct RuleEntry {
  uint32_t id = 0;
  zc_rule rule{};
  zc_counts counts{};  // complete: living streams are in `stamped`
};

struct StreamEntry {
  zc_flow flow{};
  zc_stream stream{};
};

// The tables of one device.
class Datapath {
 public:
  virtual ~Datapath() = default;

  virtual zc_meta meta() const = 0;
  virtual Result<std::vector<RuleEntry>> rules() = 0;
  virtual Result<std::vector<StreamEntry>> streams() = 0;
  // In force when it returns. Fails with kFailed where the table is full.
  virtual Status add_rule(const zc_rule& rule) = 0;
  // The same match, other options: streams and counters go on.
  virtual Status replace_rule(uint32_t id, const zc_rule& rule) = 0;
  // Its streams and counters go too.
  virtual Status remove_rule(uint32_t id) = 0;
};

// A device's directory of pins.
struct PinnedDevice {
  enum class State : uint8_t {
    kLive,
    kLeftover,      // half made, half removed, or its device or namespace is gone
    kOtherVersion,  // of another zcctl: never touched unless told
  };
  uint64_t netns_cookie = 0;
  uint32_t ifindex = 0;
  bool here = false;  // in the current network namespace
  State state = State::kLive;
  std::string why;  // for people, where the state is not kLive
};

class Host {
 public:
  virtual ~Host() = default;

  virtual Result<Device> device(const std::string& name) = 0;
  virtual std::string device_name(uint32_t ifindex) = 0;
  virtual Result<Features> features() = 0;
  // Mounts the bpffs where `access` is kChange and none is there.
  virtual Result<Fd> lock(Access access) = 0;
  // All pins of all namespaces. Needs the lock, as everything below does.
  virtual Result<std::vector<PinnedDevice>> pinned() = 0;
  virtual Result<std::unique_ptr<Datapath>> open(const PinnedDevice& pins) = 0;
  // Loads and pins, but does not attach: a device with pins and without attachment is a leftover.
  virtual Result<std::unique_ptr<Datapath>> create(const Device& device, zc_hook hook) = 0;
  virtual Status attach(const Device& device) = 0;
  // Detaches and removes the pins, in whatever state they are.
  virtual Status remove(const PinnedDevice& pins) = 0;
  // The packet's source address towards a destination, as routing says now; for SDP.
  virtual Result<Endpoint> source_towards(const Endpoint& destination) = 0;
};

}  // namespace zc::kern
