// SPDX-License-Identifier: GPL-2.0-only
// zc_connect and zc_message in the kernel, at a cgroup of this process's own, with rules that a
// test writes itself. Knows the ABI, nothing of ctl/.
#pragma once

#include <base/fd.h>

#include <memory>
#include <string>

#include "zc/abi.h"

struct bpf_link;
struct zc_framer;

namespace zc::test {

struct FramingRule {
  uint16_t port = 0;  // of the other end, whatever its address: one rule for each that is known
  zc_framing framing{};
  uint8_t payload_type = 33;
  uint32_t ssrc = 0, first_seq = 0, first_ts = 0;
  zc_timestamp timestamp = ZC_TIMESTAMP_PACKET;
  uint32_t ticks_whole = 1;  // with the next one: of what the clock follows
  uint64_t ticks_q64 = 0;
};

class Framer {
 public:
  // nullptr where that is not possible: `why` says what.
  static std::unique_ptr<Framer> load(std::string& why);
  ~Framer();
  Framer(const Framer&) = delete;
  Framer& operator=(const Framer&) = delete;
  Framer(Framer&&) = delete;
  Framer& operator=(Framer&&) = delete;

  // For connections to "10.9.0.2:5004" or "[fd00:9::2]:5004" that begin from now on; in place of
  // the one that was there.
  void put_rule(const std::string& to, const FramingRule& rule);
  // Likewise for connections to this port of ours.
  void put_rule_from(uint16_t port, const FramingRule& rule);

  // Of all connections that began since it was loaded.
  uint64_t count(zc_verdict verdict) const;
  // Connections that are in the tables now.
  unsigned connected() const;
  unsigned slots_in_use() const;

 private:
  explicit Framer(zc_framer* skeleton) : skeleton_(skeleton) {}
  void put(const zc_flow& match, const FramingRule& wanted);
  bool enter_cgroup(std::string& why);

  zc_framer* skeleton_;
  bpf_link* link_ = nullptr;
  std::string cgroup_;
};

}  // namespace zc::test
