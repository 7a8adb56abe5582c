// SPDX-License-Identifier: GPL-2.0-only
// Errors as values. An Error is made where something failed, gains context on its way up, and is
// printed once, in main. Knows nothing of what can fail.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace zc {

// The program's exit codes (docs/interface.md).
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kUnsupported = 3,   // kernel or device cannot do it
  kNotPermitted = 4,  // the hint names the capability
  kExists = 5,        // exists already, or not found
};

struct [[nodiscard]] Error {
  ExitCode code = ExitCode::kFailed;
  std::string message;   // what failed, on what, why: one line
  std::string hint;      // what to do about it; may be empty
  std::string detail;    // e.g. the verifier's last lines; may be empty
  int system_errno = 0;  // of the system call that failed; 0: it was none

  // Puts "context: " before the message.
  Error&& in(const std::string& context) && {
    message = context + ": " + message;
    return std::move(*this);
  }
};

Error usage_error(std::string message, std::string hint = {});
// From errno as it was when the call failed: EPERM and EACCES become kNotPermitted, with a hint.
Error system_error(int saved_errno, const std::string& what);

// A T or an Error. `T& operator*` may be used only after a check.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;
inline Status ok() {
  return Done{};
}

// By value: what ZC_TRY hands out must outlive the Result it came from.
template <typename T>
T take(Result<T>&& result) {
  return *std::move(result);
}

}  // namespace zc

// The value of a Result, or return its error from the calling function.
#define ZC_TRY(expression)                                                    \
  ({                                                                          \
    auto zc_try_result = (expression);                                        \
    if (!zc_try_result) return ::zc::Error(std::move(zc_try_result).error()); \
    ::zc::take(std::move(zc_try_result));                                     \
  })
