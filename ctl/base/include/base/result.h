// SPDX-License-Identifier: GPL-2.0-only
// Errors as values. An Error is made where something failed, gains context on its way up, and is
// printed once, in main. Knows nothing of what can fail.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace zc {

// What kind of trouble it is. Each has an exit code (docs/interface.md).
enum class ErrorKind : uint8_t {
  kFailed,
  kUsage,
  kUnsupported,   // kernel or device cannot do it
  kNotPermitted,  // the hint names the capability
  kExists,        // already there
  kNotFound,
};

// 1, 2, 3, 4; 5 for both of the last two: what was asked for does not fit what is there.
int exit_code(ErrorKind kind);

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::kFailed;
  std::string message;      // what failed, on what, why: one line
  std::string hint = {};    // what to do about it; may be empty
  std::string detail = {};  // e.g. the verifier's last lines; may be empty
  int system_errno = 0;     // of the system call that failed; 0: it was none

  // Puts "context: " before the message.
  Error&& in(const std::string& context) && {
    message = context + ": " + message;
    return std::move(*this);
  }
};

Error failed_error(std::string message, std::string hint = {});
Error usage_error(std::string message, std::string hint = {});
Error unsupported_error(std::string message, std::string hint = {});
Error not_permitted_error(std::string message, std::string hint = {});
Error exists_error(std::string message, std::string hint = {});
Error not_found_error(std::string message, std::string hint = {});
// Takes errno as it was when the call failed: EPERM and EACCES become kNotPermitted, with a hint.
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

// Returns by value: what ZC_TRY hands out must outlive the Result it came from.
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
