// SPDX-License-Identifier: GPL-2.0-only
// libFuzzer's way into the RTCP parser: scripts/fuzz-rtcp.sh builds and runs it.
#include <cstdio>
#include <cstdlib>

#include "rtcp_oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string complaint = zc::test::rtcp_complaint({data, size});
  if (complaint.empty()) return 0;
  std::fprintf(stderr, "%s\n", complaint.c_str());
  std::abort();
}
