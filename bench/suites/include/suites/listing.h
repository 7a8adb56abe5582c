// SPDX-License-Identifier: GPL-2.0-only
// All methods as values: what each needs, in which suites it is, and whether this host can.
#pragma once

#include <string>
#include <vector>

namespace zc::bench {

struct Listed {
  std::string name, paper, suites, transport, rtp, needs;
  std::string missing;  // why not here; empty: it can
};
std::vector<Listed> list_methods();

}  // namespace zc::bench
