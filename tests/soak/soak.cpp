// SPDX-License-Identifier: GPL-2.0-only
#include "soak/soak.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "nic/zcctl.h"
#include "support/process.h"

namespace zc::test {
namespace {

constexpr size_t kFileBytes = size_t{8} << 20;
// The device drops what its queue cannot hold; half of it may be under way.
constexpr unsigned kQueue = 16'384;
constexpr uint64_t kMostAhead = kQueue / 2;
constexpr size_t kVnetBytes = 12;
constexpr std::chrono::seconds kProgress{10};
// Tables are full and caches warm by then.
constexpr std::chrono::seconds kWarm{20};
constexpr size_t kMostFailures = 30;
constexpr uint64_t kMemorySlackKib = uint64_t{64} << 10;
constexpr uint64_t kAnyKib = uint64_t{1} << 40;
constexpr std::chrono::minutes kAlone{1};

TapOptions tap_options() {
  return {.addresses = {std::string(kSoakSource4) + "/24", std::string(kSoakSource6) + "/64"},
          .peers = {kSoakPeer4, kSoakPeer6}};
}

void expect_done(const ProcessResult& result) {
  if (result.exit_code != kExitDone) throw std::runtime_error(describe(result));
}

// Counted beside `stamped`, and no drops.
bool is_no_drop(const std::string& counter) {
  return counter == "stamped" || counter == "super" || counter == "unaligned";
}

std::string in_groups(uint64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<size_t>(at), ",");
  return text;
}

}  // namespace

Soak::Soak(const SoakOptions& options)
    : options_(options),
      file_(random_bytes(kFileBytes, 11)),
      rules_(soak_rules()),
      streams_(soak_streams(options.streams)),
      tap_(tap_options()),
      judge_(streams_, file_.bytes()),
      window_(kMostAhead, [this] { return judge_.taken(); }) {
  expect_done(
      zc::test::run({"ip", "link", "set", tap_.name(), "txqueuelen", std::to_string(kQueue)}));
  attach_rules();
  load_ = std::make_unique<Load>(streams_, file_, window_, options_.threads);
}

Soak::~Soak() {
  churn_.reset();
  load_.reset();
  read_all_ = true;
  if (reader_.joinable()) reader_.join();
}

void Soak::attach_rules() {
  for (const SoakRule& rule : rules_)
    expect_done(zcctl({"attach", tap_.name(), "--to", rule.to(), "--payload", "MP2T", "--checksum",
                       rule.checksum}));
}

// The judge's thread.
void Soak::read_frames() {
  std::array<uint8_t, 70'000> buffer{};
  while (true) {
    const bool all = read_all_;
    const ssize_t length = read(tap_.fd(), buffer.data(), buffer.size());
    if (length > static_cast<ssize_t>(kVnetBytes)) {
      const std::span<uint8_t> message(buffer.data(), static_cast<size_t>(length));
      judge_.take(parse_vnet_header(message), message.subspan(kVnetBytes));
      continue;
    }
    if (all) return;
    pollfd waiting{tap_.fd(), POLLIN, 0};
    poll(&waiting, 1, 100);
  }
}

bool Soak::is_over() const {
  return Clock::now() - begin_ >= options_.time && judge_.taken() >= options_.frames &&
         (!churn_ || churn_->done());
}

void Soak::print_progress() {
  const double now = std::chrono::duration<double>(Clock::now() - begin_).count();
  std::printf("soak: %.0f s, %s frames, %.0f/s, %s wrong, %s attach/detach\n", now,
              in_groups(judge_.taken()).c_str(), static_cast<double>(judge_.taken()) / now,
              in_groups(judge_.wrong()).c_str(), in_groups(churn_ ? churn_->rounds() : 0).c_str());
  std::fflush(stdout);
}

// Until the end that was asked for; what is wrong with one frame in a thousand is wrong enough.
void Soak::keep_going() {
  Clock::time_point said = begin_;
  bool measured = false;
  uint64_t before = 0;
  while (!is_over() && judge_.wrong() < 100'000) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const Clock::time_point now = Clock::now();
    if (!measured && now - begin_ > std::min<Clock::duration>(kWarm, options_.time / 4)) {
      show(tap_.name());
      early_ = measure_memory();
      measured = true;
    }
    if (now - said < kProgress) continue;
    said = now;
    print_progress();
    if (judge_.taken() == before) return;  // the load says why
    before = judge_.taken();
  }
}

void Soak::end() {
  if (churn_) {
    const std::string error = churn_->finish();
    if (!error.empty()) fail("churn: " + error);
  }
  const std::string error = load_->finish();
  if (!error.empty()) fail("load:" + error);
  window_.drain();
  seconds_ = std::chrono::duration<double>(Clock::now() - begin_).count();
  read_all_ = true;
  reader_.join();
}

void Soak::fail(const std::string& what) {
  failures_.push_back(what);
}

void Soak::check_streams(const Shown& shown) {
  if (shown.streams.size() < streams_.size())
    fail("show has " + std::to_string(shown.streams.size()) + " streams");
  for (size_t i = 0; i < streams_.size(); i++) {
    const Judge::Seen seen = judge_.seen(i);
    const SoakStream& stream = streams_[i];
    if (seen.frames != load_->datagrams(i))
      fail(stream.from() + ": " + in_groups(seen.frames) + " frames of " +
           in_groups(load_->datagrams(i)));
    const auto same = std::find_if(
        shown.streams.begin(), shown.streams.end(),
        [&](const ShownStream& one) { return one.from == stream.from() && one.to == stream.to(); });
    if (same == shown.streams.end())
      fail(stream.from() + ": show does not have it");
    else if (same->packets != seen.frames || same->octets != seen.payload_bytes)
      fail(stream.from() + ": show has " + in_groups(same->packets) + " packets, " +
           in_groups(same->octets) + " octets; left have " + in_groups(seen.frames) + ", " +
           in_groups(seen.payload_bytes));
  }
}

void Soak::check_rules(const Shown& shown) {
  for (size_t i = 0; i < rules_.size(); i++) {
    Counters wanted;
    for (size_t j = 0; j < streams_.size(); j++) {
      if (streams_[j].rule != i) continue;
      if (judge_.seen(j).frames != 0) wanted["stamped"] += judge_.seen(j).frames;
      if (load_->super_packets(j) != 0) wanted["super"] += load_->super_packets(j);
    }
    const auto rule = std::find_if(shown.rules.begin(), shown.rules.end(),
                                   [&](const ShownRule& one) { return one.to == rules_[i].to(); });
    if (rule == shown.rules.end()) {
      fail(rules_[i].to() + ": show does not have it");
      continue;
    }
    for (const auto& [name, count] : rule->counters) {
      if (is_no_drop(name) ? name != "unaligned" && wanted[name] != count : count != 0)
        fail(rules_[i].to() + ": " + name + " " + in_groups(count) + ", not " +
             in_groups(wanted[name]));
    }
  }
}

void Soak::check_churn() {
  if (!churn_) return;
  if (churn_->rounds() < options_.churn)
    fail("only " + in_groups(churn_->rounds()) + " attach/detach");
  if (judge_.churn_frames() != churn_->sent())
    fail("of the rule that comes and goes: " + in_groups(judge_.churn_frames()) + " frames of " +
         in_groups(churn_->sent()));
}

void Soak::check_counts() {
  for (const auto& [what, count] : judge_.problems())
    fail(in_groups(count) + " frames: " + what);
  const Shown shown = show(tap_.name());
  check_streams(shown);
  check_rules(shown);
  check_churn();
  late_ = measure_memory();
  // A short run is one test among others, whose memory is in the host's figure.
  const bool alone = options_.time >= kAlone;
  const std::string grown = growth(early_, late_, alone ? kMemorySlackKib : kAnyKib);
  if (!grown.empty()) fail("memory:" + grown);
  for (const std::string& line : log_.complaints())
    fail("kernel log: " + line);
}

void Soak::report() {
  for (const std::string& example : judge_.examples())
    std::printf("%s\n", example.c_str());
  std::printf("memory early: %s\nmemory late:  %s\n", describe(early_).c_str(),
              describe(late_).c_str());
  for (size_t i = 0; i < std::min(failures_.size(), kMostFailures); i++)
    std::printf("FAILED: %s\n", failures_[i].c_str());
  if (failures_.size() > kMostFailures)
    std::printf("FAILED: and %zu more\n", failures_.size() - kMostFailures);
  const uint64_t sent = window_.entered();
  const uint64_t taken = judge_.taken();
  std::printf(
      "soak: %s frames of %zu streams in %.0f s (%.0f/s), %s wrong, %s lost, %s "
      "attach/detach: %s\n",
      in_groups(taken).c_str(), streams_.size(), seconds_, static_cast<double>(taken) / seconds_,
      in_groups(judge_.wrong()).c_str(), in_groups(sent > taken ? sent - taken : 0).c_str(),
      in_groups(churn_ ? churn_->rounds() : 0).c_str(), failures_.empty() ? "passed" : "FAILED");
}

bool Soak::run() {
  begin_ = Clock::now();
  reader_ = std::thread([this] { read_frames(); });
  load_->start();
  if (options_.churn != 0) churn_ = std::make_unique<Churn>(tap_.name(), options_.churn, window_);
  keep_going();
  end();
  check_counts();
  report();
  return failures_.empty();
}

}  // namespace zc::test
