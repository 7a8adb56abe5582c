// SPDX-License-Identifier: GPL-2.0-only
// nic_tests: what leaves a NIC is correct RTP, checked byte by byte.
#include "support/sandbox.h"
#include "support/tap.h"

int main(int argc, char** argv) {
  return zc::test::run_tests_in_sandbox(argc, argv, zc::test::missing_tap);
}
