// SPDX-License-Identifier: GPL-2.0-only
#include "cli/list.h"

#include <gtest/gtest.h>

namespace zc::bench {
namespace {

// "zcctl attach" and "yes" were once one word.
TEST(List, columns_are_as_wide_as_their_contents_and_two_blanks) {
  const Listed longest{
      "krtpmsend", "", "streaming", "UDP", "zcctl", "UDP_SEGMENT, MSG_ZEROCOPY, zcctl attach", ""};
  const Listed missing{"x", "krtpmsend", "rivals", "UDP frames", "none", "", "no libxdp"};
  EXPECT_EQ(list_text({longest, missing}),
            "method     in the papers  suites     over        RTP by  "
            "needs                                    here\n"
            "krtpmsend  -              streaming  UDP         zcctl   "
            "UDP_SEGMENT, MSG_ZEROCOPY, zcctl attach  yes\n"
            "x          krtpmsend      rivals     UDP frames  none    "
            "-                                        no: no libxdp\n");
}

}  // namespace
}  // namespace zc::bench
