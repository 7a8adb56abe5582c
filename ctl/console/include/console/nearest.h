// SPDX-License-Identifier: GPL-2.0-only
// Which known word a mistyped one was meant to be. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zc::console {

// The known word that `typed` is the beginning of, if it is that of one alone and has three
// characters or more; else the one that is the fewest changes away, of at most one change for every
// three characters typed: a character left out, added, or another one, or two that changed places.
// Nothing where no word is as near, or two are.
std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& known);

}  // namespace zc::console
