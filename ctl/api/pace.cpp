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

Error no_pace_kind_error() {
  return unsupported_error("this kernel has neither the fq qdisc nor HTB, which keep packets back",
                           "load or build in sch_fq (CONFIG_NET_SCH_FQ)");
}

}  // namespace zc::api
