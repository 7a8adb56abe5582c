// SPDX-License-Identifier: GPL-2.0-only
// A NIC, its rules, and the judge of what leaves it: what all tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nic/model.h"
#include "nic/zcctl.h"
#include "support/packet.h"
#include "support/sender.h"
#include "support/tap.h"

namespace zc::test {

constexpr const char* kPeer4 = "10.9.0.2:5004";
constexpr const char* kPeer6 = "[fd00:9::2]:5004";
constexpr const char* kSource4 = "10.9.0.1:40000";
constexpr const char* kSource6 = "[fd00:9::1]:40000";
// Destinations behind the same device, but of no rule.
constexpr const char* kStranger4 = "10.9.0.2:5008";
constexpr const char* kStranger6 = "[fd00:9::2]:5008";

const char* peer_of(Family family);
const char* source_of(Family family);

constexpr uint32_t kSsrc = 0x11223344;
constexpr uint8_t kPayloadTypeMp2t = 33;  // RFC 3551 table 5

// What one stamped packet must be.
struct Wanted {
  Checksum checksum = Checksum::kUni;
  Bytes payload{};
  std::string source = kSource4;
  std::string destination = kPeer4;
  uint8_t payload_type = kPayloadTypeMp2t;
  std::optional<uint32_t> ssrc = kSsrc;
  std::optional<uint16_t> sequence_number{};
  std::vector<uint16_t> vlan_tags{};
  bool sender_made_checksum = true;  // false: SO_NO_CHECK
  bool trailer = false;
  std::optional<uint8_t> hop_limit{};
  std::optional<uint8_t> traffic_class{};
};

class NicTest : public testing::Test {
 protected:
  void TearDown() override;

  // A device that tests share one after the other, with one rule on it that matches nothing: it
  // keeps the program loaded, which takes the verifier longer than a test.
  Tap& make_tap(const TapOptions& options = {});
  // A device of this test's own, without rules and programs.
  Tap& make_fresh_tap(const TapOptions& options = {});
  Tap& tap();

  // Adds a rule on the TAP that must be taken: MP2T with the SSRC above.
  void attach(const std::string& to, const std::vector<std::string>& more = {});
  void attach(const Case& c, const std::vector<std::string>& more = {});
  ProcessResult try_attach(const std::string& to, const std::vector<std::string>& more);

  // What `show --json` says, without the rule that keeps the program loaded.
  Shown shown();
  // Takes the test's rules away, with their streams and counters.
  void remove_rules();

  // Everything that has left, in order, up to now: a marker of no rule is sent and waited for, so
  // that an empty answer is sure.
  std::vector<Frame> frames();
  // The one frame; fails where there is none, or another number.
  std::optional<Frame> only_frame();

  // The counters of the only rule.
  Counters counters();

  // A datagram leaves like this one, untouched.
  void expect_untouched_datagram(const std::string& from, const std::string& to);

 private:
  bool keep_program(const std::string& hook);
  void attach_with_hook(const std::string& hook, const std::string& to,
                        const std::vector<std::string>& more);

  std::unique_ptr<UdpSocket> marker_;
  unsigned markers_ = 0;
};

// The frame, taken apart. Whatever is wrong is a failure of the test and shows the bytes.
RtpPacket expect_stamped(const Frame& frame, const Wanted& wanted);
// A datagram of no rule, as a receiver would want it.
void expect_plain_datagram(const Frame& frame, const std::string& from, const std::string& to,
                           ByteView payload);

}  // namespace zc::test
