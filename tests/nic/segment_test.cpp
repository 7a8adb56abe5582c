// SPDX-License-Identifier: GPL-2.0-only
// The same demands on every segment, whatever the family, the checksum way, the device and the
// call: sizes by chance, every byte judged. Run again with ZC_TEST_SEED=N, or all by a seed of
// yours.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>

#include "nic/segment_fixture.h"

namespace zc::test {
namespace {

constexpr uint32_t kDefaultSeed = 20'260'101;
constexpr size_t kLeastSegment = 64;
// The kernel refuses a sendfile of too many pages behind bytes that were sent before
// (MAX_SKB_FRAGS, EMSGSIZE).
constexpr size_t kMostCorkedFileBytes = 48 * 1024;

// A device as segments may find it.
struct Nic {
  unsigned mtu;
  unsigned vnet_header_bytes;
  unsigned queues;
};
constexpr std::array kNics{Nic{1500, 12, 1}, Nic{9000, 12, 1}, Nic{1500, 10, 1}, Nic{1500, 12, 3},
                           Nic{9000, 10, 2}};

struct SegmentCase {
  Nic nic;
  Case c;
  bool automatic;
};

std::string name_of(const SegmentCase& each) {
  return zc::test::name_of(each.c) + (each.automatic ? "_auto" : "") + "_mtu" +
         std::to_string(each.nic.mtu) + "_vnet" + std::to_string(each.nic.vnet_header_bytes) +
         "_queues" + std::to_string(each.nic.queues);
}

void PrintTo(const SegmentCase& each, std::ostream* out) {
  *out << name_of(each);
}

// What zcctl chooses by itself on a TAP.
bool is_choice_of_auto(const Case& c) {
  return c.checksum == (c.tx_checksum ? Checksum::kUni : Checksum::kSum);
}

std::vector<SegmentCase> cases_on(const Nic& nic, const std::vector<Case>& cases) {
  std::vector<SegmentCase> result;
  for (const Case& c : cases) {
    result.push_back({nic, c, false});
    if (is_choice_of_auto(c) && std::string(c.hook) == "auto") result.push_back({nic, c, true});
  }
  return result;
}

std::vector<SegmentCase> cases_on_all_nics() {
  std::vector<SegmentCase> result;
  for (const Nic& nic : kNics) {
    const std::vector<SegmentCase> more = cases_on(nic, all_cases());
    result.insert(result.end(), more.begin(), more.end());
  }
  return result;
}

// The demand: 100,000 segments in all.
constexpr size_t kCasesOnANic = 18;  // fourteen, and four of them by `auto`
constexpr size_t kSegmentsPerCase = 1120;
static_assert(kNics.size() * kCasesOnANic * kSegmentsPerCase >= 100'000);

uint32_t property_seed() {
  const char* const given = std::getenv("ZC_TEST_SEED");
  return given ? static_cast<uint32_t>(std::strtoul(given, nullptr, 0)) : kDefaultSeed;
}

class EverySegment : public SegmentTest, public testing::WithParamInterface<SegmentCase> {
 protected:
  void start_case() {
    const SegmentCase& each = GetParam();
    start(each.c,
          {.mtu = each.nic.mtu,
           .vnet_header_bytes = each.nic.vnet_header_bytes,
           .queues = each.nic.queues},
          each.automatic);
    largest_ = each.nic.mtu - ip_header_bytes(each.c.family) - 8 - inserted_bytes(each.c.checksum);
  }

  size_t up_to(size_t most) { return random_() % (most + 1); }

  size_t random_segment() {
    switch (random_() % 8) {
      case 0:
        return kLeastSegment + up_to(4);
      case 1:
        return largest_ - up_to(2);
      case 2:
        return 188 * (1 + up_to(largest_ / 188 - 1));
      default:
        return kLeastSegment + up_to(largest_ - kLeastSegment);
    }
  }

  size_t random_count(size_t segment) {
    const size_t most = std::min(kMostCallBytes, segment * most_pieces());
    switch (random_() % 8) {
      case 0:
        return 1 + up_to(segment - 1);  // an ordinary datagram
      case 1:
        return segment * (1 + up_to(most / segment - 1));  // all pieces alike
      case 2:
        return std::min(most, segment * (1 + up_to(3)) + 1 + up_to(60));  // a short last piece
      case 3:
        return most - up_to(3);
      default:
        return 1 + up_to(most - 1);
    }
  }

  Call random_call() {
    Call call;
    call.way = kAllWays[random_() % kAllWays.size()];
    call.segment = random_segment();
    call.count = random_count(call.segment);
    call.offset = up_to(file().bytes().size() - call.count - 1);
    call.head =
        1 + up_to(random_() % 2 == 0 ? call.count - 1 : std::min<size_t>(call.count - 1, 99));
    const bool corked_file = is_corked(call.way) && call.way != Way::kMore;
    if (corked_file && call.count > kMostCorkedFileBytes) call.way = Way::kMore;
    // Pieces are never summed by the kernel, but whole datagrams are where nobody offloads.
    const bool summed = !is_super(call) && !c().tx_checksum;
    if (summed && kernel_missums(call.way, call.offset, call.count, call.head))
      call.way = Way::kSend;
    return call;
  }

  std::mt19937 random_;
  size_t largest_ = 0;
};

TEST_P(EverySegment, LeavesWithItsOwnRightHeadersInOrder) {
  const uint32_t seed = property_seed();
  SCOPED_TRACE("run again with ZC_TEST_SEED=" + std::to_string(seed));
  const std::string name = name_of(GetParam());
  random_.seed(std::accumulate(name.begin(), name.end(), seed));  // other calls in each case
  start_case();
  size_t judged = 0;
  while (judged < kSegmentsPerCase && !HasFailure()) {
    tap().set_zero_sum(random_() % 2 == 0 ? ZeroSum::kAsComputed : ZeroSum::kAllOnes);
    const std::vector<Card> cards = cards_for(c().checksum);
    tap().set_card(cards[random_() % cards.size()]);
    judged += send_and_judge(random_call());
  }
  expect_all_accounted();
  std::printf("seed %u: %zu segments, every byte judged\n", seed, judged);
}

std::string case_name(const testing::TestParamInfo<SegmentCase>& info) {
  return name_of(info.param);
}

INSTANTIATE_TEST_SUITE_P(Nic, EverySegment, testing::ValuesIn(cases_on_all_nics()), case_name);
INSTANTIATE_TEST_SUITE_P(NicClsact, EverySegment,
                         testing::ValuesIn(cases_on(kNics[0], clsact_cases())), case_name);

TEST(EverySegmentCases, AreAsManyAsTheCountOfSegmentsAssumes) {
  EXPECT_EQ(cases_on_all_nics().size(), kNics.size() * kCasesOnANic);
}

}  // namespace
}  // namespace zc::test
