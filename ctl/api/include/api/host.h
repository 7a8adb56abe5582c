// SPDX-License-Identifier: GPL-2.0-only
// The one interface between the rules of zcctl and the kernel. LinuxHost is the real thing; tests
// put a fake in its place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/device.h"
#include "api/socket.h"
#include "base/fd.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::api {

enum class Access : uint8_t { kRead, kChange };

// What this kernel offers, found out by trying.
struct Features {
  std::string release;        // uname -r: for people, never decided on
  bool tcx = false;           // Linux 6.6; clsact without it
  bool kern_ctx = false;      // Linux 6.2: bpf_cast_to_kern_ctx; slower reads without it
  uint64_t table_bytes = 0;   // what the maps of one device take with ZC_DEFAULT_STREAMS
  uint32_t stream_bytes = 0;  // of which each stream
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
  // Its streams and counters go too, and its sockets get their old segment size back.
  virtual Status remove_rule(uint32_t id) = 0;
  // Written down before the socket is changed, so that whatever happens it can be changed back.
  virtual Status remember_socket(uint32_t rule_id, const ForeignSocket& socket,
                                 uint32_t new_segment) = 0;
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

// What the tables and the program of a device are made with.
struct CreateOptions {
  zc_hook hook = ZC_HOOK_TCX;
  uint32_t max_streams = ZC_DEFAULT_STREAMS;
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
  virtual Result<std::unique_ptr<Datapath>> create(const Device& device,
                                                   const CreateOptions& options) = 0;
  virtual Status attach(const Device& device) = 0;
  // Index of the device's stage; 0 where it has none, or one that would not cut.
  virtual Result<uint32_t> working_stage(uint32_t ifindex) = 0;
  // Makes the device's stage, or mends it, and tells its program. The device has pins.
  virtual Status make_stage(const Device& device) = 0;
  // Detaches, removes stage and pins, in whatever state they are, and gives the rules' sockets
  // their old segment size back.
  virtual Status remove(const PinnedDevice& pins) = 0;
  // Indices of the devices of this namespace, alive or gone, that have a stage but no pins.
  virtual Result<std::vector<uint32_t>> stray_stages() = 0;
  virtual Status remove_stage(uint32_t ifindex) = 0;
  // The process's UDP sockets in this network namespace that are connected to `to`, and bound to
  // `from` where that is given. With `fd` only that one, and why it does not fit. kNotFound where
  // there is none, kNotPermitted without CAP_SYS_PTRACE.
  virtual Result<std::vector<ForeignSocket>> find_sockets(uint32_t pid, std::optional<uint32_t> fd,
                                                          const Endpoint& to,
                                                          const std::optional<Endpoint>& from) = 0;
  // Sets UDP_SEGMENT; 0 clears it. kNotFound where the socket is gone.
  virtual Status set_segment(const ForeignSocket& socket, uint32_t bytes) = 0;
  // The packet's source address towards a destination, as routing says now; for SDP.
  virtual Result<Endpoint> source_towards(const Endpoint& destination) = 0;
};

}  // namespace zc::api
