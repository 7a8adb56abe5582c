// SPDX-License-Identifier: GPL-2.0-only
// zc_egress in the kernel, run on one packet at a time (BPF_PROG_TEST_RUN) with tables that the
// test writes itself. Knows the ABI, nothing of ctl/.
#pragma once

#include <linux/bpf.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bytes.h"
#include "zc/abi.h"

struct zc_egress;

namespace zc::test {

constexpr int kPassed = -1;     // TC_ACT_UNSPEC, TCX_NEXT: later programs still run
constexpr int kDropped = 2;     // TC_ACT_SHOT, TCX_DROP
constexpr int kRedirected = 7;  // TC_ACT_REDIRECT, TCX_REDIRECT

struct Verdict {
  int code = 0;  // what the program returned
  Bytes out;     // the packet behind it
  uint32_t mark = 0;
  uint32_t priority = 0;
  // BPF_PROG_TEST_RUN refuses frames without a byte of data, and from Linux 6.18 on those that
  // claim to be IP and end within the IP header: the program has not seen this one.
  bool refused = false;
};

// A rule as a test states it.
struct RuleText {
  std::string to = "10.9.0.2:5004";
  std::string from = {};  // empty, "10.9.0.1" or "10.9.0.1:40000"
  zc_checksum checksum = ZC_CHECKSUM_SUM;
  uint8_t payload_type = 33;
  uint8_t payload_header_bytes = 0;
  std::optional<uint32_t> ssrc = 0x11223344, seq = 0x1234, ts = 0x55667788;
  uint32_t clock_hz = 90000;
  bool continues = false;     // one stream, whoever sends
  bool clock_stands = false;  // timestamps do not move, so that they can be foretold
};

// "10.9.0.2:5004", "[2001:db8::2]:5004", each with or without the port, as it stands in a flow.
void put_end(const std::string& text, zc_flow& flow, bool destination);

class Egress {
 public:
  // kern_ctx 0: as on kernels before 6.2. nullptr where loading failed: errno says why.
  static std::unique_ptr<Egress> load(unsigned kern_ctx, unsigned l2_bytes);
  ~Egress();
  Egress(const Egress&) = delete;
  Egress& operator=(const Egress&) = delete;
  Egress(Egress&&) = delete;
  Egress& operator=(Egress&&) = delete;

  // Empties all tables; no stage.
  void reset();
  // Acts as if zcctl had made the stage in this namespace, or in another one.
  void set_stage(unsigned ifindex, bool elsewhere = false);
  // Likewise the pace device.
  void set_pace(unsigned ifindex, zc_pace_kind kind, bool elsewhere = false);
  // A stream in the slot, as the program would have made it for the rule.
  void put_stream(unsigned slot, const zc_stream& stream) { slots_[slot] = stream; }
  // A super-packet's note, where its pieces will look for it.
  void put_super(const zc_super& note);
  void add_rule(unsigned id, const RuleText& text);
  bool read_rule(unsigned id, zc_rule& rule) const;
  void write_rule(unsigned id, const zc_rule& rule);
  // Who sends the one stream of a rule that continues.
  zc_continued continued(unsigned id) const;
  void put_continued(unsigned id, const zc_continued& value);

  Verdict run(const Bytes& packet, const __sk_buff* context = nullptr);
  // 0, or -EBADMSG: skb->csum does not fit the packet any more.
  int run_with_complete_sum(const Bytes& packet);
  // Follows the order of the X-macro; `stamped` includes what the living streams counted.
  std::map<std::string, uint64_t> counters(unsigned rule_id);
  // How many packets were counted by all rules below 64 together.
  uint64_t counted();

  std::map<unsigned, zc_stream> streams();  // by slot
  unsigned slots_in_use() const;
  zc_stream& slot(unsigned index) { return slots_[index]; }

  // Makes the table of streams full with flows that no test uses.
  void fill_stream_table();
  // Lets the memory of first fragments expire without waiting for it.
  void age_fragments(uint64_t by_ns);

  int program_fd() const;
  int map_fd(const char* name) const;

 private:
  explicit Egress(zc_egress* skeleton);
  zc_egress* skeleton_;
  zc_stream* slots_ = nullptr;  // the map's own memory
};

}  // namespace zc::test
