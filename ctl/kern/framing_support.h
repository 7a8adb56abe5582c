// SPDX-License-Identifier: GPL-2.0-only
// Whether this kernel can frame TCP connections: found out by what it has, not by its release.
#pragma once

#include "base/result.h"

namespace zc::kern {

// kUnsupported, with the reason.
Status check_framing();

}  // namespace zc::kern
