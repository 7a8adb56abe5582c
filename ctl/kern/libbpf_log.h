// SPDX-License-Identifier: GPL-2.0-only
// What libbpf says while an object is opened and loaded, and the errors that it becomes.
#pragma once

#include <string>

#include "base/result.h"

namespace zc::kern {

// From here on what it says is collected; `quiet`: not even that.
void start_log(bool quiet);
// Its detail holds the last lines that were collected.
Error load_error(int saved_errno, const std::string& what);

}  // namespace zc::kern
