// SPDX-License-Identifier: GPL-2.0-only
// Which devices can have a stage, and which segments can leave through one. Pure: facts in, answer
// out (docs/stage.md).
#pragma once

#include "api/device.h"
#include "base/result.h"
#include "core/path.h"
#include "zc/abi.h"

namespace zc::core {

// kUnsupported where no rule can be on the device: its link type is unknown, or it is a stage.
Status check_device(const api::Device& device);

// kUnsupported, with the reason, where no macvlan can be put on the device; `does`: what for.
Status check_macvlan(const api::Device& device, const std::string& does);

// kUnsupported, with the reason and what works instead, where the device cannot have a stage.
Status check_stage(const api::Device& device);

// Will segments of the rule's size, once stamped, fit the MTU? kUsage where not, with what fits.
Status check_segment(const PathMtu& mtu, const zc_rule& rule);

}  // namespace zc::core
