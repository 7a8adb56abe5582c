// SPDX-License-Identifier: GPL-2.0-only
// The places at a device's egress where programs hang, and what hangs there. Values only.
#pragma once

#include <cstdint>
#include <string>

#include "zc/abi.h"

namespace zc::api {

const char* to_string(zc_hook hook);  // "tcx", "clsact"

// One program or filter at a device's egress, ours or somebody else's.
struct HookEntry {
  zc_hook hook = ZC_HOOK_TCX;
  std::string name;         // of the BPF program, or the filter's kind; empty where it is hidden
  uint32_t program = 0;     // its id; 0: a filter without one
  uint32_t link = 0;        // id of its link; 0: none (clsact, or tcx without one)
  uint32_t preference = 0;  // of its filter, with `handle`; clsact only
  uint32_t handle = 0;
  bool ours = false;  // hangs there by the pins of its device

  // "tcx program 17 (foo)", "clsact filter u32, pref 10".
  std::string text() const;
  // A program of zcctl's that no pins here know: its name says so.
  bool is_lost_zcctl() const;
};

}  // namespace zc::api
