// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "support/process.h"

namespace zc::test {
namespace {

std::unique_ptr<Framer> the_framer;
Fd kernel_log;

constexpr std::array kCable = {
    "ip netns add far",
    "ip link add near type veth peer name end netns far",
    "ip addr add 10.9.0.1/24 dev near",
    "ip addr add fd00:9::1/64 dev near nodad",
    "ip link set near up",
    "ip -n far addr add 10.9.0.2/24 dev end",
    "ip -n far addr add fd00:9::2/64 dev end nodad",
    "ip -n far link set end up",
    "ip -n far link set lo up",
};

// What it said since the last time that is a complaint.
std::string complaints() {
  std::string found;
  std::array<char, 8192> record{};
  for (ssize_t bytes;
       kernel_log && (bytes = read(kernel_log.get(), record.data(), record.size())) > 0;) {
    const std::string line(record.data(), static_cast<size_t>(bytes));
    for (const char* word : {"WARNING", "BUG:", "Oops", "general protection", "refcount_t"})
      if (line.find(word) != std::string::npos) found += line;
  }
  return found;
}

}  // namespace

std::string make_framer_and_cable() {
  for (const char* line : kCable) {
    const ProcessResult made = run({"/bin/sh", "-c", line});
    if (made.exit_code != 0) return line + (": " + made.err);
  }
  kernel_log = Fd(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (kernel_log) lseek(kernel_log.get(), 0, SEEK_END);
  std::string why;
  the_framer = Framer::load(why);
  return why;
}

Framer& TcpTest::framer() {
  return *the_framer;
}

const SourceFile& TcpTest::file() {
  static const SourceFile file(kFileBytes, 1);
  return file;
}

Look TcpTest::look_of(uint32_t bytes, bool interleaved) {
  static uint32_t before = 0x7fff;
  before = before * 1103515245 + 12345;
  return {.bytes = bytes,
          .interleaved = interleaved,
          .channel = static_cast<uint8_t>(before >> 8),
          .payload_type = 33,
          .first_seq = static_cast<uint16_t>(before >> 16),
          .ssrc = before};
}

FramingRule TcpTest::rule_of(const Look& look, zc_frame_end end) {
  FramingRule rule;
  rule.framing.bytes = look.bytes;
  rule.framing.kind = look.interleaved ? ZC_FRAMING_INTERLEAVED : ZC_FRAMING_RFC4571;
  rule.framing.channel = look.channel;
  rule.framing.frame_end = static_cast<uint8_t>(end);
  rule.payload_type = look.payload_type;
  rule.ssrc = look.ssrc;
  rule.first_seq = look.first_seq;
  return rule;
}

void TcpTest::put_rule(const std::string& to, const Look& look, zc_frame_end end) {
  framer().put_rule(to, rule_of(look, end));
}

void TcpTest::TearDown() {
  // A socket is gone when both ends have said so.
  for (int tries = 0; tries < 100 && framer().slots_in_use(); ++tries)
    usleep(20000);
  EXPECT_EQ(framer().connected(), 0U);
  EXPECT_EQ(framer().slots_in_use(), 0U);
  EXPECT_EQ(complaints(), "");
}

}  // namespace zc::test
