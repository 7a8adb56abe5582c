// SPDX-License-Identifier: GPL-2.0-only
// Hostile packets: seeded mutations of good ones. Whatever comes out was either not touched, or
// dropped, or is a right packet in the eyes of a parser that shares nothing with the program.
#include <random>

#include "fixture.h"
#include "inet.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

constexpr int kRounds = 20'000;

class FuzzTest : public EgressTest {};
ZC_EGRESS_TESTS(FuzzTest);

std::vector<Bytes> seeds() {
  const Bytes pad{1, 4, 0, 0, 0, 0}, more{0, 1, 0, 0, 0, 9}, later{0, 72, 0, 0, 0, 9};
  return {
      packet(4).payload(pattern(100)).build(),
      packet(6).payload(pattern(100)).build(),
      packet(4).payload(pattern(33)).trailer(Bytes(9)).build(),
      packet(4).vlan(5).payload(pattern(50)).build(),
      packet(6).vlan(6, 0x88a8).vlan(5).payload(pattern(50)).build(),
      packet(4).ipv4_options(Bytes(12, 1)).build(),
      packet(4).fragment(0, true).payload(pattern(64)).build(),
      packet(4).fragment(72, false).payload(pattern(64)).build(),
      packet(6).extension(kHopByHop, pad).extension(kDestOptions, pad).build(),
      packet(6).extension(kFragment, more).build(),
      packet(6).extension(kFragment, later).build(),
      packet(6).extension(kAuth, Bytes(22)).build(),
      packet(4).payload({}).build(),
  };
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  Bytes next() {
    Bytes bytes = seeds_[random_() % seeds_.size()];
    const unsigned mutations = random_() % 4;
    for (unsigned i = 0; i < mutations; i++)
      mutate(bytes);
    if (random_() % 2 == 0) repair_ipv4_checksum(bytes);
    return bytes;
  }

 private:
  void mutate(Bytes& bytes) {
    // Headers are where the decisions fall: half of the hits go there.
    const size_t at =
        random_() % (random_() % 2 ? bytes.size() : std::min<size_t>(80, bytes.size()));
    switch (random_() % 5) {
      case 0:
        bytes[at] ^= static_cast<uint8_t>(1 << random_() % 8);
        break;
      case 1:
        bytes[at] = static_cast<uint8_t>(random_());
        break;
      case 2:
        bytes[at] = random_() % 2 ? 0x00 : 0xff;
        break;
      case 3:
        bytes.resize(std::max<size_t>(15, at));
        break;
      default:
        bytes.insert(bytes.begin() + static_cast<long>(at), random_() % 9,
                     static_cast<uint8_t>(random_()));
    }
  }
  static void repair_ipv4_checksum(Bytes& bytes) {
    if (bytes.size() < 34 || bytes[12] != 8 || bytes[14] != 0x45) return;
    bytes[24] = bytes[25] = 0;
    const uint16_t check =
        static_cast<uint16_t>(~ones_complement_sum(Bytes(bytes.begin() + 14, bytes.begin() + 34)));
    bytes[24] = static_cast<uint8_t>(check >> 8);
    bytes[25] = static_cast<uint8_t>(check);
  }

  std::mt19937 random_;
  std::vector<Bytes> seeds_ = seeds();
};

// Problems that a stamped packet may have because the packet that came in had them already.
bool may_stay(const std::string& problem) {
  return problem == "IPv4 checksum" || problem == "UDP checksum";
}

bool is_for_the_rules(const Datagram& in) {
  const Bytes one = address_bytes("10.9.0.2"), two = address_bytes("2001:db8::2");
  return in.destination_port == 5004 && (in.destination == one || in.destination == two);
}

// What lies before the IP header and behind the payload, and the IP header apart from length and
// checksum, must be what it was.
void expect_surroundings_kept(const Bytes& in, const Bytes& out, size_t l3, int family) {
  Bytes before(in.begin(), in.begin() + static_cast<long>(l3 + (family == 4 ? 20 : 40)));
  Bytes after(out.begin(), out.begin() + static_cast<long>(before.size()));
  for (const size_t offset :
       family == 4 ? std::vector<size_t>{2, 3, 10, 11} : std::vector<size_t>{4, 5})
    before[l3 + offset] = after[l3 + offset] = 0;
  EXPECT_EQ(before, after);
}

// The program leaves the outermost tag beside the frame, where BPF_PROG_TEST_RUN does not show it.
Bytes with_outer_tag_of(const Bytes& in, Bytes out) {
  const uint32_t type = read_be(&in[12], 2);
  if (type == 0x8100 || type == 0x88a8)
    out.insert(out.begin() + 12, in.begin() + 12, in.begin() + 16);
  return out;
}

void expect_stamped_right(const Bytes& in, const Bytes& out, bool extended) {
  const Datagram was = dissect(in), is = dissect(out);
  EXPECT_EQ(is.problem, was.problem);
  if (!was.problem.empty()) {
    EXPECT_TRUE(may_stay(was.problem)) << "a packet was stamped whose fault is: " << was.problem;
    return;
  }
  EXPECT_TRUE(is_for_the_rules(was));
  expect_surroundings_kept(in, out, was.l3_offset, was.family);
  const Rtp rtp = dissect_rtp(is.payload);
  EXPECT_EQ(rtp.problem, "");
  EXPECT_EQ(rtp.has_extension, extended);
  EXPECT_EQ(rtp.payload, was.payload);
  EXPECT_EQ(is.trailer, was.trailer);
  EXPECT_EQ(is.source_port, was.source_port);
}

void expect_rightly_untouched(const Bytes& in) {
  const Datagram was = dissect(in);
  EXPECT_FALSE(was.problem.empty() && is_for_the_rules(was))
      << "a good packet of a rule left unstamped";
}

void fuzz(Egress& egress, zc_checksum way, unsigned seed, int rounds) {
  egress.reset();
  egress.add_rule(0, {.to = "10.9.0.2:5004", .checksum = way});
  egress.add_rule(1, {.to = "[2001:db8::2]:5004", .checksum = way});
  Mutator mutator(seed);
  int stamped = 0, dropped = 0, untouched = 0;
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); round++) {
    const Bytes in = mutator.next();
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + ": " +
                 testing::PrintToString(in));
    const Verdict verdict = egress.run(in);
    if (verdict.refused) continue;
    if (verdict.code == kDropped) {
      dropped++;
    } else if (verdict.out == in) {
      untouched++;
      expect_rightly_untouched(in);
    } else {
      stamped++;
      EXPECT_EQ(verdict.code, kPassed);
      expect_stamped_right(in, with_outer_tag_of(in, verdict.out),
                           way == ZC_CHECKSUM_LCO || way == ZC_CHECKSUM_UNI);
    }
  }
  EXPECT_EQ(egress.counted(), static_cast<uint64_t>(stamped + dropped));
  // Fuzzing without all three would prove nothing.
  EXPECT_GT(stamped, rounds / 20);
  EXPECT_GT(dropped, rounds / 20);
  EXPECT_GT(untouched, rounds / 20);
}

TEST_P(FuzzTest, NoMutationOfAPacketMakesAMalformedPacketFull) {
  fuzz(egress, ZC_CHECKSUM_SUM, 3550, kRounds);
}

TEST_P(FuzzTest, NoMutationOfAPacketMakesAMalformedPacketLco) {
  fuzz(egress, ZC_CHECKSUM_LCO, 8285, kRounds);
}

}  // namespace
}  // namespace zc::test
