// SPDX-License-Identifier: GPL-2.0-only
// A far end that sees each packet as the device gets it: a packet socket. Slows the sender, so it
// is for runs that are not timed.
#pragma once

#include <memory>

#include "base/result.h"
#include "env/environment.h"
#include "env/frame.h"

namespace zc::bench {

// A packet socket that takes every frame of a device, with what the kernel asks of it.
Result<Fd> open_packet_socket(const char* device);
// The next one; false: none came in that time.
bool read_frame(const Fd& socket, int patience_ms, FrameReader& reader);

// Looks at every packet that comes by a socket as open_packet_socket() makes it: checksums, RTP,
// bytes.
std::unique_ptr<FarEnd> tap_on(Fd socket, const Expected& expected);
// Opens one on a device, in the current namespace.
Result<std::unique_ptr<FarEnd>> open_tap(const char* device, const Expected& expected);

}  // namespace zc::bench
