// SPDX-License-Identifier: GPL-2.0-only
// The fixture of the tests that run the program on packets: each one twice, as new kernels and as
// kernels before 6.2 would run it. Ends in empty tables.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egress.h"

namespace zc::test {

// Loaded once a process; loading takes a while.
Egress& shared_egress(unsigned kern_ctx);

class EgressTest : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override { egress.reset(); }

  // Expects that the packet got this verdict and was counted under it alone, and not twice.
  void expect_dropped(const Bytes& packet, const std::string& counter,
                      const __sk_buff* context = nullptr);
  // Expects that the packet left as it came and was counted nowhere.
  void expect_untouched(const Bytes& packet, const __sk_buff* context = nullptr);
  // The stamped packet.
  Bytes expect_stamped(const Bytes& packet, const __sk_buff* context = nullptr);

  Egress& egress = shared_egress(GetParam());
};

inline std::string kern_ctx_name(const testing::TestParamInfo<unsigned>& info) {
  return info.param == 1 ? "by_cast" : "by_probe";
}

#define ZC_EGRESS_TESTS(Suite) \
  INSTANTIATE_TEST_SUITE_P(Kernel, Suite, testing::Values(1U, 0U), kern_ctx_name)

}  // namespace zc::test
