// SPDX-License-Identifier: GPL-2.0-only
// The one table of drivers and what their devices do about a checksum (docs/checksums.md). Pure.
#pragma once

#include <string>

#include "api/device.h"

namespace zc::kern {

// Takes ethtool's name of the driver; kUnknown for one whose source was not read.
api::CsumOffload driver_csum_offload(const std::string& driver);

}  // namespace zc::kern
