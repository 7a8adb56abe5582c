// SPDX-License-Identifier: GPL-2.0-only
#include <csignal>

#include "fixture.h"
#include "support/sandbox.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // sendfile(2) has no MSG_NOSIGNAL
  return zc::test::run_tests_in_sandbox(argc, argv, []() -> zc::test::Missing {
    std::string why = zc::test::make_framer_and_cable();
    return why.empty() ? zc::test::Missing{} : why;
  });
}
