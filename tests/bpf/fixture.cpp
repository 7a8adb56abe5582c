// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

#include <array>
#include <cstring>

namespace zc::test {

Egress& shared_egress(unsigned kern_ctx) {
  static std::array<std::unique_ptr<Egress>, 2> loaded;
  auto& egress = loaded.at(kern_ctx);
  if (!egress) egress = Egress::load(kern_ctx, 14);
  if (!egress) throw std::runtime_error(std::string("cannot load: ") + strerror(errno));
  return *egress;
}

void EgressTest::expect_dropped(const Bytes& packet, const std::string& counter,
                                const __sk_buff* context) {
  const uint64_t before = egress.counted();
  const uint64_t of_kind = egress.counters(0)[counter];
  EXPECT_EQ(egress.run(packet, context).code, kDropped);
  EXPECT_EQ(egress.counters(0)[counter], of_kind + 1) << counter;
  EXPECT_EQ(egress.counted(), before + 1);
}

void EgressTest::expect_untouched(const Bytes& packet, const __sk_buff* context) {
  const uint64_t before = egress.counted();
  const Verdict verdict = egress.run(packet, context);
  EXPECT_EQ(verdict.code, kPassed);
  EXPECT_EQ(verdict.out, packet);
  EXPECT_EQ(egress.counted(), before);
}

Bytes EgressTest::expect_stamped(const Bytes& packet, const __sk_buff* context) {
  const uint64_t before = egress.counted();
  const uint64_t stamped = egress.counters(0)["stamped"];
  const Verdict verdict = egress.run(packet, context);
  EXPECT_EQ(verdict.code, kPassed);
  EXPECT_GT(verdict.out.size(), packet.size());
  EXPECT_EQ(egress.counters(0)["stamped"], stamped + 1);
  EXPECT_EQ(egress.counted(), before + 1);
  return verdict.out;
}

}  // namespace zc::test
