// SPDX-License-Identifier: GPL-2.0-only
// The name of a place at a device's egress where the program can hang.
#pragma once

#include "zc/abi.h"

namespace zc::api {

const char* to_string(zc_hook hook);  // "tcx", "clsact"

}  // namespace zc::api
