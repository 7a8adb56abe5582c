// SPDX-License-Identifier: GPL-2.0-only
#include "core/verify.h"

#include <algorithm>
#include <array>
#include <random>

#include "base/printable.h"
#include "base/undo.h"
#include "core/commands.h"
#include "core/dialogue.h"
#include "core/listen.h"
#include "core/neighbours.h"
#include "core/stage.h"
#include "zc/room.h"

namespace zc::core {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr uint8_t kPayloadType = 96;  // dynamic (RFC 3551 6): no receiver takes it for a film
constexpr uint32_t kClock = 90000;
constexpr uint16_t kUsualPayload = 1316;  // seven TS packets
constexpr uint16_t kSafeBytes = 1280;     // of a packet; every IPv6 path takes it (RFC 8200 5)
constexpr microseconds kPace{500};        // between calls: no queue on the way overflows
constexpr milliseconds kAnswer{5000};
constexpr size_t kPiecesACall = 20;

// Lengths at which paths end: tunnels, PPPoE, Ethernet, jumbo frames.
constexpr std::array<uint32_t, 21> kLadder = {576,  1280, 1300, 1320, 1340, 1360, 1380,
                                              1400, 1420, 1430, 1440, 1450, 1460, 1472,
                                              1480, 1492, 1500, 2000, 4000, 8000, 9000};

uint32_t headers_of(Family family, zc_checksum way) {
  zc_how how{};
  how.checksum = way;
  return zc_header_bytes(family == Family::kIpv4 ? ZC_IPV4 : ZC_IPV6, how);
}

// Says why the other end is not one of ours, or will not.
Error refusal(const std::optional<Line>& answer, const Endpoint& to) {
  if (!answer || answer->word != "refused")
    return failed_error("what listens at " + to.text() + " is no `zcctl probe --listen`");
  const auto found = answer->values.find("why");
  const std::string why = found == answer->values.end() ? "?" : found->second;
  std::string hint = "use the same version of zcctl at both ends";
  if (why == "busy") hint = "it has as many sessions as it takes: wait a minute, and try again";
  if (why == "silence") hint = "try again";
  return failed_error("the listener at " + to.text() + " refuses: " + why, hint);
}

// One verify: a rule of its own for its own socket, which goes with it.
class Prover {
 public:
  Prover(api::Host& host, api::TestSender& sender, const VerifyRequest& request, uint32_t ifindex)
      : host_(host),
        sender_(sender),
        request_(request),
        ifindex_(ifindex),
        match_{request.to, sender.source()} {
    std::random_device random;
    ssrc_ = random();
  }

  // Fills in the ways, and what was learned on the way.
  Status prove_all(const api::Device& device, VerifyReport& report);
  Status remove_rule();

 private:
  std::string dev() const;
  std::string before_us() const;
  Status greet();
  Status prove(WayReport& way);
  Result<Line> ask(const Line& line, const std::string& expected);
  Status put_rule(zc_checksum way);
  Result<zc_counts> counts();
  Status begin(ShapeReport& shape, zc_checksum way, size_t packets);
  Status end(ShapeReport& shape);
  Status find_largest(WayReport& way);
  Status prove_single(WayReport& way);
  Status prove_super(WayReport& way);
  std::vector<uint8_t> payload(uint32_t index, uint32_t bytes) const;
  uint32_t usual_payload(const WayReport& way) const;

  api::Host& host_;
  api::TestSender& sender_;
  const VerifyRequest& request_;
  uint32_t ifindex_;
  Match match_;
  uint32_t ssrc_ = 0;
  uint64_t token_ = 0;
  uint16_t test_ = 0;
  bool attached_ = false;
  std::string no_stage_;
  std::string seen_from_;
  Findings findings_;
  zc_counts before_{};
};

Result<Line> Prover::ask(const Line& line, const std::string& expected) {
  ZC_TRY(sender_.say(line.text()));
  const auto answer = parse_line(ZC_TRY(sender_.hear(kAnswer)));
  if (!answer || answer->word != expected) return refusal(answer, request_.to);
  return *answer;
}

// The device's name as it is now: somebody may rename it meanwhile. Of one that is gone, its last.
std::string Prover::dev() const {
  const std::string name = host_.device_name(ifindex_);
  return name.empty() ? request_.dev : name;
}

// Of what hangs before our program the first; what cannot be looked at is not told.
std::string Prover::before_us() const {
  const auto reader = host_.read(api::ReadLock::kShared);
  if (!reader) return "";
  const auto before = before_ours(**reader, ifindex_);
  return before && !before->empty() ? before->front().text() : "";
}

Status Prover::greet() {
  const Line welcome = ZC_TRY(ask(Line{"hello"}.add("version", kDialogueVersion), "welcome"));
  const auto token = welcome.number("token", UINT64_MAX);
  if (!token) return refusal({}, request_.to);
  token_ = *token;
  return ok();
}

Status Prover::put_rule(zc_checksum way) {
  AttachRequest attach_request;
  attach_request.dev = dev();
  attach_request.spec.match = match_;
  attach_request.spec.payload.payload_type = kPayloadType;
  attach_request.spec.payload.clock_hz = kClock;
  attach_request.spec.checksum = way;
  attach_request.spec.ssrc = ssrc_;
  attach_request.replace = attached_;
  const AttachReport report = ZC_TRY(attach(host_, attach_request, Run::kReally));
  no_stage_ = report.no_stage;
  findings_ = report.findings;
  attached_ = true;
  return ok();
}

Status Prover::remove_rule() {
  if (!attached_) return ok();
  attached_ = false;
  std::string name = dev();
  auto removed = detach(host_, {name, match_}, Run::kReally);
  if (!removed && name != dev()) {  // renamed in between
    name = dev();
    removed = detach(host_, {name, match_}, Run::kReally);
  }
  if (removed || removed.error().kind == ErrorKind::kNotFound) return ok();
  Error error = removed.error();
  error.hint = "the rule of the test is still there: zcctl detach " + shell_word(name) + " --to " +
               match_.to.text() + " --from " + match_.from->text();
  return error;
}

Result<zc_counts> Prover::counts() {
  return ZC_TRY(find_rule(host_, dev(), match_)).counts;
}

Status Prover::begin(ShapeReport& shape, zc_checksum way, size_t packets) {
  shape = {};
  const Test test{++test_, static_cast<uint16_t>(packets), way, kPayloadType, ssrc_};
  ZC_TRY(ask(to_line(test), "ready"));
  before_ = ZC_TRY(counts());
  return ok();
}

// The listener answers when nothing more arrives: then our counters have settled, too.
Status Prover::end(ShapeReport& shape) {
  const Line line = ZC_TRY(ask(Line{"done"}.add("number", test_), "tally"));
  const auto tally = read_tally(line, test_);
  if (!tally) return refusal({}, request_.to);
  shape.tally = *tally;
  if (seen_from_.empty()) seen_from_ = tally->source;
  const zc_counts now = ZC_TRY(counts());
  const auto grown = [&](zc_verdict verdict) {
    return now.packets[verdict] - before_.packets[verdict];
  };
  shape.stamped = grown(ZC_VERDICT_stamped);
#define ZC_NOTE_DROP(name, meaning)                                  \
  if (zc_is_drop(ZC_VERDICT_##name) && grown(ZC_VERDICT_##name) > 0) \
    shape.dropped[#name] = grown(ZC_VERDICT_##name);
  ZC_COUNTERS(ZC_NOTE_DROP)
#undef ZC_NOTE_DROP
  shape.dev = dev();
  shape.before = before_us();
  shape.elsewhere = std::ranges::any_of(findings_, [](const Finding& finding) {
    return finding.id == "other-route" || finding.id == "own-address";
  });
  shape.fault = fault_of(shape);
  return ok();
}

std::vector<uint8_t> Prover::payload(uint32_t index, uint32_t bytes) const {
  return make_test_payload(
      {token_, test_, static_cast<uint16_t>(index), static_cast<uint16_t>(bytes)});
}

uint32_t Prover::usual_payload(const WayReport& way) const {
  const uint64_t most = way.largest == 0 ? kSafeBytes : way.largest;
  const uint64_t fits = most - headers_of(request_.to.family, way.way);
  return static_cast<uint32_t>(std::min<uint64_t>(kUsualPayload, fits));
}

// Each length twice, for one may be lost.
Status Prover::find_largest(WayReport& way) {
  const uint32_t mtu = ZC_TRY(host_.device(dev())).mtu;
  std::vector<uint32_t> lengths(2, std::clamp(mtu, kLadder.front(), 65000u));
  for (const uint32_t length : kLadder) {
    if (length < mtu) lengths.insert(lengths.end(), 2, length);
  }
  ShapeReport ladder;
  ZC_TRY(begin(ladder, way.way, lengths.size()));
  for (uint32_t i = 0; i < lengths.size(); i++) {
    const uint32_t bytes = lengths[i] - headers_of(request_.to.family, way.way);
    if (ZC_TRY(sender_.send(payload(i, bytes))))
      way.largest_sent = std::max<uint64_t>(way.largest_sent, lengths[i]);
    ZC_TRY(sender_.pause(kPace));
  }
  ZC_TRY(end(ladder));
  way.largest = ladder.tally.largest;
  return ok();
}

// Even and odd lengths, long and short ones: what card or path may treat differently.
Status Prover::prove_single(WayReport& way) {
  const uint32_t usual = usual_payload(way);
  const std::array<uint32_t, 6> sizes = {usual, usual - 1, 188, usual, 61, usual - 2};
  ZC_TRY(begin(way.single, way.way, kPacketsAWay));
  uint32_t sent = 0;
  for (uint32_t i = 0; i < kPacketsAWay; i++) {
    sent += ZC_TRY(sender_.send(payload(i, sizes[i % sizes.size()])));
    ZC_TRY(sender_.pause(kPace));
  }
  way.single.sent = sent;
  return end(way.single);
}

// The last piece of each call is shorter, and odd.
Status Prover::prove_super(WayReport& way) {
  if (!no_stage_.empty()) {
    way.super.not_tried = no_stage_;
    return ok();
  }
  const uint32_t segment = usual_payload(way);
  ZC_TRY(begin(way.super, way.way, kPacketsAWay));
  ZC_TRY(sender_.set_segment(segment));
  uint32_t sent = 0;
  for (uint32_t first = 0; first < kPacketsAWay; first += kPiecesACall) {
    std::vector<uint8_t> call;
    for (uint32_t i = 0; i < kPiecesACall; i++) {
      const auto piece = payload(first + i, i + 1 < kPiecesACall ? segment : 333);
      call.insert(call.end(), piece.begin(), piece.end());
    }
    if (ZC_TRY(sender_.send(call))) sent += kPiecesACall;
    ZC_TRY(sender_.pause(kPace * kPiecesACall));
  }
  way.super.sent = sent;
  ZC_TRY(sender_.set_segment(0));
  return end(way.super);
}

Status Prover::prove_all(const api::Device& device, VerifyReport& report) {
  ZC_TRY(greet());
  for (const zc_checksum way :
       {ZC_CHECKSUM_UNI, ZC_CHECKSUM_SUM, ZC_CHECKSUM_ZERO, ZC_CHECKSUM_LCO}) {
    WayReport& tried = report.ways.emplace_back();
    tried.way = way;
    const auto possible = choose_checksum(device, request_.to.family, 0, way);
    if (!possible)
      tried.not_tried = possible.error().message;
    else
      ZC_TRY(prove(tried));
  }
  report.seen_from = seen_from_;
  report.findings = findings_;
  return ok();
}

Status Prover::prove(WayReport& way) {
  ZC_TRY(put_rule(way.way));
  ZC_TRY(find_largest(way));
  ZC_TRY(prove_single(way));
  return prove_super(way);
}

}  // namespace

Result<Endpoint> parse_verify(const std::string& text) {
  Endpoint to = ZC_TRY(parse_endpoint(text, PortRule::kOptional, "--verify"));
  if (to.port == 0) to.port = kVerifyPort;
  const std::string hint = "give the address of the machine that runs `zcctl probe --listen`";
  if (to.is_multicast()) return usage_error("--verify: " + to.address_text() + " is a group", hint);
  if (to.address_text() == "255.255.255.255")  // RFC 919 7
    return usage_error("--verify: " + to.address_text() + " is no machine's: it is broadcast",
                       hint);
  return to;
}

Result<VerifyReport> verify(api::Host& host, api::TestNet& net, const VerifyRequest& request) {
  const api::Device device = ZC_TRY(host.device(request.dev));
  ZC_TRY(check_device(device));
  VerifyReport report{request.dev, request.to, {}};
  report.automatic = ZC_TRY(choose_checksum(device, request.to.family, 0, std::nullopt));
  report.arrive_complete = !device.tx_checksum(request.to.family);
  const auto sender = ZC_TRY(net.connect(request.dev, request.to));
  report.from = sender->source();
  Prover prover(host, *sender, request, device.ifindex);
  Undo undo;  // for what a library throws
  undo.push([&prover] { (void)prover.remove_rule(); });
  Status proved = prover.prove_all(device, report);
  const Status removed = prover.remove_rule();
  if (!proved) {
    Error error = proved.error();
    if (!removed) error.hint = removed.error().hint;  // what is left matters more
    return error;
  }
  if (!removed) return removed.error();
  conclude(report);
  return report;
}

}  // namespace zc::core
