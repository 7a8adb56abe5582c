// SPDX-License-Identifier: GPL-2.0-only
// A target: whose TCP connections are framed (docs/tcp.md). It is to connections what a device is
// to datagrams, and has pins, rules, streams and counters likewise: RuleEntry, StreamEntry and
// Tables are the same, the lock is that of the Reader or Session that a TargetReader comes from.
// Values and interfaces only.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/tables.h"
#include "base/address.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::api {

struct Target {
  zc_target_kind kind = ZC_TARGET_CGROUP;
  uint64_t id = 0;   // of the cgroup; or the cookie of the sockets' network namespace
  std::string path;  // of the cgroup, without links in it

  bool operator==(const Target& other) const { return kind == other.kind && id == other.id; }
  // "cgroup:/sys/fs/cgroup/x", "sockets:7": what commands and JSON call it.
  std::string name() const;
};

// A target's directory of pins.
struct PinnedTarget {
  enum class State : uint8_t {
    kLive,
    kDetached,      // complete, with its cgroup, but the program was taken off
    kLeftover,      // half made, half removed, or its cgroup is gone
    kOtherVersion,  // of another zcctl: never touched unless told
    kDamaged,       // a pin is missing, or is none of zcctl's: likewise
  };
  Target target;
  State state = State::kLive;
  std::string why{};  // for people, where the state is not kLive

  // Has rules that can be read and changed, if need be once the program is attached again.
  bool holds_rules() const { return state == State::kLive || state == State::kDetached; }
  // Only `clean --force` touches them.
  bool must_be_forced() const { return state == State::kOtherVersion || state == State::kDamaged; }
};

// A living TCP connection of a process.
struct Connection {
  uint32_t pid = 0;
  uint32_t fd = 0;            // in that process
  uint64_t cookie = 0;        // SO_COOKIE: tells its socket from every other one of this boot
  uint64_t netns_cookie = 0;  // of the network namespace that it is in
  Endpoint local{}, peer{};

  std::string text() const;  // "process 7, descriptor 3"
};

// What a rule of a target says: options of streams as a device's rule has them, and frames.
struct FramedRule {
  zc_rule rule{};
  zc_framing framing{};
};

// What becomes of connections that are framed when their rule goes.
enum class Living : uint8_t {
  kStayFramed,  // to their end
  kLetGo,       // each to the end of its open frame: what comes then is not framed
};

// The tables of a target, for changing.
class TargetTables : public Tables {
 public:
  // The rule is in force for connections that come when it returns. kFailed: the table is full.
  virtual Status add_rule(const FramedRule& rule) = 0;
  // For connections that come; living ones go on as they began.
  virtual Status replace_rule(uint32_t id, const FramedRule& rule) = 0;
  virtual Status remove_rule(uint32_t id, Living living) = 0;
  // What is written into the connection from here on is framed. Of a target of sockets. kNotFound
  // where it is gone, kUnsupported where its socket is in other hands (kTLS, a sockmap).
  virtual Status take(uint32_t id, const Connection& connection) = 0;
  // The other way, at the end of its open frame.
  virtual Status release(const Connection& connection) = 0;
};

class TargetReader {
 public:
  virtual ~TargetReader() = default;

  virtual Result<std::vector<PinnedTarget>> pinned() = 0;
  // Fails where a table is missing or is not ours.
  virtual Result<std::unique_ptr<Tables>> read(const PinnedTarget& pins) = 0;
  // The cookies of the sockets that are framed.
  virtual Result<std::set<uint64_t>> taken(const PinnedTarget& pins) = 0;
};

class TargetSession : public TargetReader {
 public:
  virtual Result<std::unique_ptr<TargetTables>> open(const PinnedTarget& pins) = 0;
  // Loads and pins, but does not attach: pins without attachment are a leftover.
  virtual Result<std::unique_ptr<TargetTables>> create(const Target& target,
                                                       uint32_t max_streams) = 0;
  // The program sees connections that come from here on; also again, after somebody took it off.
  virtual Status attach(const Target& target) = 0;
  // Detaches and removes the pins, in whatever state they are.
  virtual Status remove(const PinnedTarget& pins, Living living) = 0;
};

}  // namespace zc::api
