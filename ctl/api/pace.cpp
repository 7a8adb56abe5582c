// SPDX-License-Identifier: GPL-2.0-only
#include "api/pace.h"

namespace zc::api {

const char* to_string(zc_pace_kind kind) {
  switch (kind) {
    case ZC_PACE_KIND_FQ:
      return "fq";
    case ZC_PACE_KIND_HTB:
      return "htb";
    case ZC_PACE_KIND_NONE:
      break;
  }
  return "none";
}

}  // namespace zc::api
