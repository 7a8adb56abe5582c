// A far end that sees each packet as the device gets it: a packet socket. Slows the sender, so it
// is for runs that are not timed.
#pragma once

#include <memory>

#include "base/result.h"
#include "bench/env/environment.h"

namespace zc::bench {

// Of kDevice, in the current namespace. Looks at every packet: checksums, RTP, bytes.
Result<std::unique_ptr<FarEnd>> open_tap(const Expected& expected);

}  // namespace zc::bench
