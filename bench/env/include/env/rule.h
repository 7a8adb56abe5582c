// SPDX-License-Identifier: GPL-2.0-only
// The rule that zcctl methods need: every packet to the far end gets an RTP header. As
// `zcctl attach nic0 --to 10.99.0.2:5004 --pt 96 --clock 90000 --checksum uni` makes it, or sum,
// and with the method's own words.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "job/wire.h"

namespace zc::api {
class Host;
}

namespace zc::bench {

class ZcctlRule {
 public:
  // Attaches to kDevice, in the current namespaces.
  static Result<std::unique_ptr<ZcctlRule>> attach(Rtp rtp, const RuleWords& words);
  ZcctlRule(const ZcctlRule&) = delete;
  ZcctlRule& operator=(const ZcctlRule&) = delete;
  ~ZcctlRule();

  // What it did not let out, as `zcctl show` counts it: " oversize 11"; empty: nothing.
  std::string drops() const;

 private:
  explicit ZcctlRule(std::unique_ptr<api::Host> host);

  std::unique_ptr<api::Host> host_;
};

}  // namespace zc::bench
