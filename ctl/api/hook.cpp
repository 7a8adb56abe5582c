// SPDX-License-Identifier: GPL-2.0-only
#include "api/hook.h"

namespace zc::api {

const char* to_string(zc_hook hook) {
  return hook == ZC_HOOK_TCX ? "tcx" : "clsact";
}

}  // namespace zc::api
