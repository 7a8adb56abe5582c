// SPDX-License-Identifier: GPL-2.0-only
#include "nic/nic_fixture.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "support/rtp_extension.h"

namespace zc::test {
namespace {

// Rule of no test: matches nothing that is sent.
constexpr const char* kKeeper = "10.9.0.3:9";
constexpr const char* kMarkerPort = "10.9.0.2:9";
constexpr std::chrono::seconds kMarkerTimeout{3};
constexpr size_t kMostFrames = 20'000;

// The shared device, and the hook its program is loaded on; empty: no program.
struct Device {
  std::unique_ptr<Tap> tap;
  std::string hook;
};

Device& device() {
  static Device shared;
  return shared;
}

bool is_like(const TapOptions& wanted) {
  if (!device().tap) return false;
  const TapOptions& is = device().tap->options();
  return is.name == wanted.name && is.queues == wanted.queues &&
         is.vnet_header_bytes == wanted.vnet_header_bytes;
}

bool is_marker(const Frame& frame, const std::string& text) {
  const Datagram datagram = dissect_datagram(frame.wire, {.zero_checksum = true});
  return datagram.destination == kMarkerPort &&
         std::string(datagram.payload.begin(), datagram.payload.end()) == text;
}

void take(Problems& problems, const Problems& more) {
  problems.insert(problems.end(), more.begin(), more.end());
}

// One element that fills the extension: zeros, but for what is `uni`'s to choose (its second and
// third byte) and the two last bytes, which are the device's.
void check_extension(const RtpPacket& rtp, Checksum checksum, Problems& problems) {
  if (!rtp.extension) {
    problems.emplace_back("no RTP header extension");
    return;
  }
  const OneByteExtension extension = dissect_one_byte_extension(*rtp.extension);
  take(problems, extension.problems);
  const size_t bytes = checksum == Checksum::kUni ? 11 : 3;
  if (extension.elements.size() != 1 || extension.padding_bytes != 0 ||
      extension.elements[0].data.size() != bytes) {
    problems.emplace_back("not one extension element that fills the extension");
    return;
  }
  if (extension.elements[0].id != 14) problems.emplace_back("the element's ID is not 14");
  Bytes data = extension.elements[0].data;
  if (checksum == Checksum::kUni) data[1] = data[2] = 0;
  data.resize(bytes - 2);
  if (data != Bytes(bytes - 2)) problems.emplace_back("the element is not zeros elsewhere");
}

template <typename T>
void check_equal(const char* what, const T& seen, const T& wanted, Problems& problems) {
  if (seen == wanted) return;
  std::ostringstream text;
  text << what << " is " << testing::PrintToString(seen) << ", not "
       << testing::PrintToString(wanted);
  problems.push_back(text.str());
}

std::string ssrc_text(uint32_t ssrc) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", ssrc);
  return text.data();
}

void check_datagram(const Datagram& seen, const Wanted& wanted, Problems& problems) {
  check_equal("source", seen.source, wanted.source, problems);
  check_equal("destination", seen.destination, wanted.destination, problems);
  check_equal("VLAN tags", seen.vlan_tags, wanted.vlan_tags, problems);
  if (wanted.hop_limit) check_equal("hop limit", seen.hop_limit, *wanted.hop_limit, problems);
  if (wanted.traffic_class)
    check_equal("traffic class", seen.traffic_class, *wanted.traffic_class, problems);
  const bool none = wanted.checksum == Checksum::kZero || !wanted.sender_made_checksum;
  if (none) check_equal<uint16_t>("UDP checksum", seen.udp_checksum, 0, problems);
}

void check_rtp(const RtpPacket& seen, const Wanted& wanted, Problems& problems) {
  check_equal("padding bit", seen.padding, false, problems);
  check_equal("marker bit", seen.marker, false, problems);
  check_equal<int>("CSRC count", seen.csrc_count, 0, problems);
  check_equal<int>("payload type", seen.payload_type, wanted.payload_type, problems);
  if (wanted.ssrc) check_equal("SSRC", ssrc_text(seen.ssrc), ssrc_text(*wanted.ssrc), problems);
  if (wanted.sequence_number)
    check_equal("sequence number", seen.sequence_number, *wanted.sequence_number, problems);
  if (leaves_sum_to_device(wanted.checksum))
    check_extension(seen, wanted.checksum, problems);
  else if (seen.extension)
    problems.emplace_back("an RTP header extension that nobody asked for");
  if (seen.payload != wanted.payload)
    problems.push_back("the payload differs:\n" + hex_dump(seen.payload, 64) + "\nwanted:\n" +
                       hex_dump(wanted.payload, 64));
}

// Nothing may be left to the device but the checksum.
void check_device(const Frame& frame, Problems& problems) {
  if (frame.device_error) problems.push_back(*frame.device_error);
  if (frame.vnet.gso_type != 0) problems.emplace_back("the device is asked to segment");
}

}  // namespace

const char* peer_of(Family family) {
  return family == Family::kIpv4 ? kPeer4 : kPeer6;
}
const char* source_of(Family family) {
  return family == Family::kIpv4 ? kSource4 : kSource6;
}

void NicTest::TearDown() {
  if (device().tap) remove_rules();
}

Tap& NicTest::tap() {
  return *device().tap;
}

Tap& NicTest::make_fresh_tap(const TapOptions& options) {
  TapOptions complete = options;
  complete.addresses = {"10.9.0.1/24", "fd00:9::1/64"};
  complete.peers = {"10.9.0.2", "fd00:9::2"};
  device() = {};  // the name is free again
  EXPECT_EQ(zcctl({"clean"}).exit_code, kExitDone);
  device().tap = std::make_unique<Tap>(complete);
  marker_ = std::make_unique<UdpSocket>(kMarkerPort);
  return tap();
}

Tap& NicTest::make_tap(const TapOptions& options) {
  if (!is_like(options)) return make_fresh_tap(options);
  tap().set_mtu(options.mtu);
  tap().set_tx_checksum(options.tx_checksum);
  tap().set_zero_sum(options.zero_sum);
  tap().set_card(options.card);
  marker_ = std::make_unique<UdpSocket>(kMarkerPort);
  frames();  // what an earlier test left behind
  return tap();
}

// Another hook means all rules away and the program loaded anew.
bool NicTest::keep_program(const std::string& hook) {
  if (device().hook == hook) return true;
  if (!device().hook.empty()) zcctl({"detach", tap().name(), "--all"});
  device().hook = hook;
  const ProcessResult result = zcctl({"attach", tap().name(), "--to", kKeeper, "--payload", "MP2T",
                                      "--checksum", "auto", "--hook", hook});
  EXPECT_EQ(result.exit_code, kExitDone) << describe(result);
  return result.exit_code == kExitDone;
}

ProcessResult NicTest::try_attach(const std::string& to, const std::vector<std::string>& more) {
  std::vector<std::string> command{"attach", tap().name(), "--to", to};
  command.insert(command.end(), more.begin(), more.end());
  return zcctl(command);
}

void NicTest::attach(const std::string& to, const std::vector<std::string>& more) {
  attach_with_hook("auto", to, more);
}

void NicTest::attach(const Case& c, const std::vector<std::string>& more) {
  std::vector<std::string> options{"--checksum", to_string(c.checksum)};
  options.insert(options.end(), more.begin(), more.end());
  attach_with_hook(c.hook, peer_of(c.family), options);
}

void NicTest::attach_with_hook(const std::string& hook, const std::string& to,
                               const std::vector<std::string>& more) {
  ASSERT_TRUE(keep_program(hook));
  std::vector<std::string> options{"--ssrc", "0x11223344", "--hook", hook};
  if (std::find(more.begin(), more.end(), "--payload") == more.end())
    options.insert(options.end(), {"--payload", "MP2T"});
  options.insert(options.end(), more.begin(), more.end());
  const ProcessResult result = try_attach(to, options);
  ASSERT_EQ(result.exit_code, kExitDone) << describe(result);
}

Shown NicTest::shown() {
  Shown all = show(tap().name());
  std::erase_if(all.rules, [](const ShownRule& rule) { return rule.to == kKeeper; });
  return all;
}

void NicTest::remove_rules() {
  for (const ShownRule& rule : shown().rules) {
    std::vector<std::string> command{"detach", tap().name(), "--to", rule.to};
    if (!rule.from.empty()) command.insert(command.end(), {"--from", rule.from});
    const ProcessResult result = zcctl(command);
    EXPECT_EQ(result.exit_code, kExitDone) << describe(result);
  }
}

std::vector<Frame> NicTest::frames() {
  const std::string text = "marker " + std::to_string(++markers_);
  marker_->send(ByteView(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
  std::vector<Frame> seen;
  while (seen.size() < kMostFrames) {
    std::optional<Frame> frame = tap().read(kMarkerTimeout);
    if (!frame) {
      ADD_FAILURE() << "the marker did not arrive";
      return seen;
    }
    if (is_marker(*frame, text)) return seen;
    seen.push_back(std::move(*frame));
  }
  ADD_FAILURE() << "frames without end";
  return seen;
}

std::optional<Frame> NicTest::only_frame() {
  std::vector<Frame> seen = frames();
  if (seen.size() == 1) return std::move(seen.front());
  ADD_FAILURE() << seen.size() << " frames left, not 1"
                << (seen.empty() ? "" : "; the first: " + describe(seen.front()));
  return {};
}

Counters NicTest::counters() {
  const Shown now = shown();
  if (now.rules.size() == 1) return now.rules.front().counters;
  ADD_FAILURE() << now.rules.size() << " rules, not 1";
  return {};
}

void NicTest::expect_untouched_datagram(const std::string& from, const std::string& to) {
  const Bytes payload = random_bytes(333, 7);
  UdpSocket(to, {.from = from}).send(payload);
  const auto frame = only_frame();
  if (frame) expect_plain_datagram(*frame, from, to, payload);
}

RtpPacket expect_stamped(const Frame& frame, const Wanted& wanted) {
  Problems problems;
  check_device(frame, problems);
  const bool none = wanted.checksum == Checksum::kZero || !wanted.sender_made_checksum;
  const Datagram datagram =
      dissect_datagram(frame.wire, {.zero_checksum = none, .trailer = wanted.trailer});
  take(problems, datagram.problems);
  check_datagram(datagram, wanted, problems);
  RtpPacket rtp = dissect_rtp(datagram.payload);
  take(problems, rtp.problems);
  check_rtp(rtp, wanted, problems);
  EXPECT_TRUE(problems.empty()) << describe(problems) << "\n" << describe(frame);
  return rtp;
}

void expect_plain_datagram(const Frame& frame, const std::string& from, const std::string& to,
                           ByteView payload) {
  Problems problems;
  check_device(frame, problems);
  const Datagram datagram = dissect_datagram(frame.wire);
  take(problems, datagram.problems);
  check_equal("source", datagram.source, from, problems);
  check_equal("destination", datagram.destination, to, problems);
  check_equal("payload", datagram.payload, Bytes(payload.begin(), payload.end()), problems);
  EXPECT_TRUE(problems.empty()) << describe(problems) << "\n" << describe(frame);
}

}  // namespace zc::test
