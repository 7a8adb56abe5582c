// SPDX-License-Identifier: GPL-2.0-only
// Ties an option to the parser that judges its value alone, so that of two wrong options the one
// typed first is named (console/console.h).
#pragma once

#include "cli/context.h"
#include "core/framed_rule.h"

namespace zc::cli {

// `parse` takes the text and returns a Result of any kind.
template <typename Parse>
CLI::Option* checked(Context& context, CLI::Option* option, Parse parse) {
  context.checks[option] = [parse](const std::string& value) -> Status {
    (void)ZC_TRY(parse(value));
    return ok();
  };
  return option;
}

// --from of a device's rule or of a target's; each knows which it takes.
inline Status parse_source(const std::string& text) {
  if (text.starts_with(':'))
    (void)ZC_TRY(core::parse_local_port(text));
  else
    (void)ZC_TRY(core::parse_from(text));
  return ok();
}

}  // namespace zc::cli
