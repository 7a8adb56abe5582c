// SPDX-License-Identifier: GPL-2.0-only
// What is pinned, and the right to change it. A Reader cannot change anything; a Session holds the
// lock that keeps every other zcctl from changing things, for as long as it lives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/device.h"
#include "api/hook.h"
#include "api/pace.h"
#include "api/socket.h"
#include "api/tables.h"
#include "api/target.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::api {

// A device's directory of pins.
struct PinnedDevice {
  enum class State : uint8_t {
    kLive,
    kDetached,  // complete, with its device, but the program was taken off: attach hangs it again
    kLeftover,  // half made, half removed, or its device or namespace is gone
    kOlder,     // of an older zcctl whose rules and streams this one can take over
    kOtherVersion,  // of another zcctl: never touched unless told
    kDamaged,       // a pin is missing, or is none of zcctl's: never touched unless told, either
  };
  uint64_t netns_cookie = 0;
  uint32_t ifindex = 0;
  bool here = false;  // in the current network namespace
  State state = State::kLive;
  std::string why;  // for people, where the state is not kLive
  // A leftover whose device moved to another network namespace, with the program, which stamps
  // there.
  bool moved = false;
  uint32_t here_as = 0;  // index of that device, where this is that namespace

  // Has rules that can be read and changed, if need be once they are taken over or hung again.
  bool holds_rules() const {
    return state == State::kLive || state == State::kOlder || state == State::kDetached;
  }
  // Only `clean --force` touches them.
  bool must_be_forced() const { return state == State::kOtherVersion || state == State::kDamaged; }
};

// What the tables and the program of a device are made with.
struct CreateOptions {
  zc_hook hook = ZC_HOOK_TCX;
  uint32_t max_streams = ZC_DEFAULT_STREAMS;
};

// What a receiver reported of a stream, as the agent keeps it.
struct ReceiverStatus {
  zc_receiver_key key{};
  zc_receiver value{};
  uint64_t silent_ms = 0;  // since its newest report
};

class Reader {
 public:
  virtual ~Reader() = default;

  // All pins of all namespaces.
  virtual Result<std::vector<PinnedDevice>> pinned() = 0;
  // Fails where a table is missing or is not ours. A Session that reads puts right what a killed
  // zcctl left half done in them, too.
  virtual Result<std::unique_ptr<Tables>> read(const PinnedDevice& pins) = 0;
  virtual Result<std::vector<ReceiverStatus>> receivers(const PinnedDevice& pins) = 0;
  // Index of the device's stage; 0 where it has none, or one that would not cut.
  virtual Result<uint32_t> working_stage(uint32_t ifindex) = 0;
  // What the packets of the device's paced rules wait in; nothing where it has no pace device.
  virtual Result<std::optional<PaceQueue>> pace_queue(uint32_t ifindex) = 0;
  // What hangs at the egress of a device of this namespace, in the order in which a packet meets
  // it.
  virtual Result<std::vector<HookEntry>> egress_chain(uint32_t ifindex) = 0;
  // Indices of the devices of this namespace above and below one, through which its packets leave,
  // too.
  virtual Result<std::vector<uint32_t>> stacked(uint32_t ifindex) = 0;
  // Indices of the devices of this namespace, alive or gone, that have a stage or a pace device but
  // no pins.
  virtual Result<std::vector<uint32_t>> stray_stages() = 0;
  // The targets beside the devices, as long as this lives.
  virtual TargetReader& targets() = 0;
};

class Session : public Reader {
 public:
  // Opens the tables for changing; puts right what was left half done in them, too.
  virtual Result<std::unique_ptr<WritableTables>> open(const PinnedDevice& pins) = 0;
  // Loads and pins, but does not attach: a device with pins and without attachment is a leftover.
  virtual Result<std::unique_ptr<WritableTables>> create(const Device& device,
                                                         const CreateOptions& options) = 0;
  // Puts this zcctl's program and layout in the place of an older one's (kOlder). Its streams go
  // on where they are: no sequence number is left out or used twice.
  virtual Status take_over(const PinnedDevice& pins) = 0;
  // Hangs the program on the device, also again after somebody took it off.
  virtual Status attach(const Device& device) = 0;
  // Makes the device's stage, or mends it, and tells its program. The device has pins.
  virtual Status make_stage(const Device& device) = 0;
  // Makes the device's pace device, or a new one in the place of one that does not work, and tells
  // its program. Returns of which kind it is. The device has pins.
  virtual Result<zc_pace_kind> make_pace(const Device& device) = 0;
  // Lets packets of the rule, which waits at the pace device, leave at `rule`'s rate. Its program
  // asks the rule itself where the pace device has departure times.
  virtual Status set_rate(uint32_t ifindex, uint32_t rule_id, const zc_rule& rule) = 0;
  // Drops what waits of all rules but these; the pace device goes with the last one.
  virtual Status trim_pace(const PinnedDevice& pins, const std::set<uint32_t>& rules) = 0;
  // Detaches, removes stage, pace device and pins, in whatever state they are, and gives the rules'
  // sockets their old segment size back.
  virtual Status remove(const PinnedDevice& pins) = 0;
  // With the pace device.
  virtual Status remove_stage(uint32_t ifindex) = 0;
  // Sets UDP_SEGMENT; 0 clears it. kNotFound where the socket is gone.
  virtual Status set_segment(const ForeignSocket& socket, uint32_t bytes) = 0;
  TargetSession& targets() override = 0;
};

}  // namespace zc::api
