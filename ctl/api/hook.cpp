// SPDX-License-Identifier: GPL-2.0-only
#include "api/hook.h"

namespace zc::api {

const char* to_string(zc_hook hook) {
  return hook == ZC_HOOK_TCX ? "tcx" : "clsact";
}

std::string HookEntry::text() const {
  const std::string place = to_string(hook);
  if (program == 0) return place + " filter " + name + ", pref " + std::to_string(preference);
  const std::string id = " program " + std::to_string(program);
  const std::string called = name.empty() ? "" : " (" + name + ")";
  const std::string where = hook == ZC_HOOK_TCX ? "" : ", pref " + std::to_string(preference);
  return place + id + called + where;
}

bool HookEntry::is_lost_zcctl() const {
  return !ours && name == "zc_egress";
}

}  // namespace zc::api
