// SPDX-License-Identifier: GPL-2.0-only
// An agent of one device with one stream of PCMU from 10.0.0.1:6000 to 10.0.0.2:5004, whose packets
// and whose time the test makes.
#pragma once

#include <arpa/inet.h>

#include <string>
#include <vector>

#include "core/rtcp/agent.h"
#include "expect.h"
#include "fake_agent_net.h"
#include "samples.h"

namespace zc::core::rtcp {

inline constexpr uint64_t kMs = 1'000'000, kSecond = 1000 * kMs;
inline constexpr uint32_t kDevice = 2, kSlot = 5, kSsrc = 0x11223344;

inline uint32_t word(const Bytes& bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return ntohl(value);
}

// The types of a compound packet's packets.
inline std::vector<int> types(const Bytes& bytes) {
  std::vector<int> found;
  for (size_t at = 0; at + 4 <= bytes.size(); at += 4 + 4 * size_t{bytes[at + 3]})
    found.push_back(bytes[at + 1]);
  return found;
}

inline const std::vector<int> kReport{200, 202}, kEmptyReport{201, 202}, kBye{200, 202, 203},
    kEmptyBye{201, 202, 203};

class RtcpAgentTest : public testing::Test {
 protected:
  void SetUp() override {
    std::strncpy(device().meta.cname, "Zm9vYmFyAAAA////", sizeof(device().meta.cname) - 1);
    add_rule(0, 5004, ZC_RTCP_ON);
    add_stream(kSlot, 0, 5004, kSsrc);
  }

  FakeAgentDevice& device() { return net.tables[kDevice]; }
  zc_stream& stream(uint32_t slot = kSlot) { return device().streams.at(slot).stream; }

  zc_rule& add_rule(uint32_t id, uint16_t port, zc_rtcp rtcp) {
    zc_rule& rule = device().rules[id] = sample_rule(port);
    rule.options.clock_hz = 8000;
    rule.options.how.rtcp = static_cast<uint8_t>(rtcp);
    rule.options.how.timestamp = ZC_TIMESTAMP_SAMPLES;
    return rule;
  }
  void add_stream(uint32_t slot, uint32_t rule, uint16_t port, uint32_t ssrc) {
    api::StreamEntry& entry = device().streams[slot];
    entry.flow = sample_rule(port, 1, 6000).match;
    entry.stream.rule = rule;
    entry.stream.ssrc = ssrc;
    entry.stream.state = ZC_SLOT_USED;
    entry.stream.first_seq = entry.stream.next_seq = 100;
    packet(0xffffff00, slot);
  }
  // A packet of 160 octets with this timestamp leaves now.
  void packet(uint32_t rtp, uint32_t slot = kSlot) {
    zc_stream& s = stream(slot);
    s.next_seq++;
    s.octets += 160;
    s.last_ns = net.clocks.monotonic_ns;
    s.last_ts = rtp;
    s.mapping = zc_mapping(rtp, s.last_ns);
  }
  // Time passes, in which the agent comes when it asked to; with packets every 20 ms.
  void run(uint64_t ns, bool sends) {
    for (const uint64_t end = net.clocks.monotonic_ns + ns; net.clocks.monotonic_ns < end;) {
      net.pass(20 * kMs);
      if (sends) packet(stream().last_ts + 160);
      if (net.clocks.monotonic_ns >= next) next = agent.turn();
    }
  }
  Bytes report_from(uint32_t reporter, uint32_t ssrc, uint32_t lsr = 0, uint32_t dlsr = 0) {
    const uint32_t words[] = {htonl(0x81c90007), htonl(reporter), htonl(ssrc), htonl(0x400000ff),
                              htonl(0x10080),    htonl(80),       htonl(lsr),  htonl(dlsr)};
    const auto* bytes = reinterpret_cast<const uint8_t*>(words);
    return {bytes, bytes + sizeof(words)};
  }
  void hear(const Bytes& bytes, const std::string& from = "10.0.0.2:5005") {
    const Endpoint endpoint = value_of(parse_endpoint(from, PortRule::kRequired, "from"));
    agent.take({api::ReportEvent::Kind::kPacket, endpoint, bytes, false});
  }
  uint64_t figure(const std::string& name) {
    const Figures figures = agent.figures();
    const auto found = figures.find(name);
    return found == figures.end() ? 0 : found->second;
  }
  std::vector<int> last_types() { return types(net.sent.back().packet); }

  FakeAgentNet net;
  std::vector<std::string> warnings;
  int frees = 0;
  AgentRequest request{
      .devs = {},
      .cname = "own",
      .warn = [this](const std::string& text, const std::string&) { warnings.push_back(text); },
      .free_idle = [this]() -> Status {
        frees++;
        return frees_fail ? failed_error("no room") : ok();
      }};
  bool frees_fail = false;
  Agent agent{net, request, 1};
  uint64_t next = 0;
};

}  // namespace zc::core::rtcp
