// SPDX-License-Identifier: GPL-2.0-only
// How these tests look at a Result: its value, or each part of its error.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/result.h"

namespace zc {

inline std::string why(const Error& error) {
  return "exit " + std::to_string(static_cast<int>(error.kind)) + ": " + error.message +
         (error.hint.empty() ? "" : "; hint: " + error.hint);
}

// The value; a test failure and a default value where there is none.
template <typename T>
T value_of(Result<T> result) {
  EXPECT_TRUE(result) << why(result.error());
  return result ? *std::move(result) : T{};
}

// `message` and `hint` are parts of what must be said; an empty hint: none must be given.
template <typename T>
void expect_error(const Result<T>& result, ErrorKind code, const std::string& message,
                  const std::string& hint = {}) {
  ASSERT_FALSE(result) << "there is no error, expected: " << message;
  const Error& error = result.error();
  EXPECT_EQ(error.kind, code) << why(error);
  EXPECT_THAT(error.message, testing::HasSubstr(message));
  EXPECT_THAT(error.message, testing::Not(testing::HasSubstr("\n"))) << "one line";
  if (hint.empty())
    EXPECT_EQ(error.hint, "");
  else
    EXPECT_THAT(error.hint, testing::HasSubstr(hint));
}

}  // namespace zc
