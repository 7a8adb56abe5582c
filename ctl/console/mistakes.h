// SPDX-License-Identifier: GPL-2.0-only
// What is wrong with the words of a command line, each by itself. Knows what the parser took them
// for; changes nothing.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "console/console.h"

namespace zc::console {

// The mistake that was typed first: a word that nobody knows, an empty value, or one that its check
// refuses. `app` has parsed `words`, the command line without the program's name, or has stopped in
// the middle of them.
std::optional<Error> first_mistake(const CLI::App& app, const Checks& checks,
                                   const std::vector<std::string>& words);

// "commands: attach, detach, …".
std::string list_commands(const CLI::App& app);

}  // namespace zc::console
