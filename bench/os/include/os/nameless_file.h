// SPDX-License-Identifier: GPL-2.0-only
// A file without a name, gone with its descriptor.
#pragma once

#include "base/fd.h"
#include "base/result.h"

namespace zc::bench {

// Makes one in $TMPDIR, or /var/tmp.
Result<Fd> open_nameless();

}  // namespace zc::bench
