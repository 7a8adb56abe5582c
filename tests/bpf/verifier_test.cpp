// SPDX-License-Identifier: GPL-2.0-only
// What the verifier has to look at: a program that grows towards the limit of a million
// instructions fails to load on somebody's older kernel first.
#include <bpf/bpf.h>

#include <cstdio>

#include "fixture.h"

namespace zc::test {
namespace {

class VerifierTest : public EgressTest {};
ZC_EGRESS_TESTS(VerifierTest);

constexpr uint32_t kMostInstructions = 500'000;

TEST_P(VerifierTest, TheProgramStaysFarBelowTheVerifiersLimit) {
  bpf_prog_info info{};
  uint32_t bytes = sizeof(info);
  ASSERT_EQ(bpf_obj_get_info_by_fd(egress.program_fd(), &info, &bytes), 0);
  std::printf("kern_ctx %u: the verifier looked at %u instructions; %u bytes of program\n",
              GetParam(), info.verified_insns, info.xlated_prog_len);
  RecordProperty("verified_insns", static_cast<int>(info.verified_insns));
  EXPECT_GT(info.verified_insns, 0U);
  EXPECT_LE(info.verified_insns, kMostInstructions);
}

}  // namespace
}  // namespace zc::test
