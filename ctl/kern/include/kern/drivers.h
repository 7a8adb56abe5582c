// SPDX-License-Identifier: GPL-2.0-only
// The one table of drivers and where their devices put a checksum (docs/checksums.md). Pure.
#pragma once

#include <string>

#include "api/device.h"

namespace zc::kern {

// Takes ethtool's name of the driver; kUnknown for one whose source was not read.
api::CsumStart driver_csum_start(const std::string& driver);

}  // namespace zc::kern
