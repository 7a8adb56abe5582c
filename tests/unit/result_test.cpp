// SPDX-License-Identifier: GPL-2.0-only
// Errors as values: which exit code a script sees (docs/interface.md), and what errno becomes.
#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace zc {
namespace {

TEST(ErrorTest, EachKindHasTheExitCodeThatScriptsRelyOn) {
  EXPECT_EQ(exit_code(failed_error("x").kind), 1);
  EXPECT_EQ(exit_code(usage_error("x").kind), 2);
  EXPECT_EQ(exit_code(unsupported_error("x").kind), 3);
  EXPECT_EQ(exit_code(not_permitted_error("x").kind), 4);
  EXPECT_EQ(exit_code(exists_error("x").kind), 5);
  EXPECT_EQ(exit_code(not_found_error("x").kind), 5);
}

TEST(ErrorTest, EpermAndEaccesNameTheCapabilities) {
  for (const int refused : {EPERM, EACCES}) {
    const Error error = system_error(refused, "cannot load");
    EXPECT_EQ(error.kind, ErrorKind::kNotPermitted);
    EXPECT_NE(error.hint.find("CAP_BPF"), std::string::npos);
    EXPECT_EQ(error.system_errno, refused);
  }
  EXPECT_EQ(system_error(ENOMEM, "cannot load").message, "cannot load: Cannot allocate memory");
  EXPECT_EQ(system_error(ENOMEM, "cannot load").kind, ErrorKind::kFailed);
}

}  // namespace
}  // namespace zc
