// SPDX-License-Identifier: GPL-2.0-only
// A network namespace of the benchmark's own with one device in it: an ifb, which has checksum
// offload and scatter-gather like a NIC, takes packets from the stack, counts and drops them.
// The kernel gives it all back when the process ends. Knows no zcctl.
#pragma once

#include <cstdint>
#include <string>

namespace bench {

// Prints why and exits with 77 where this process may not do that.
void enter_world();

constexpr const char* kDevice = "nic0";
constexpr const char* kSink = "10.99.0.2";  // nobody is there; packets leave by kDevice

// Packets that reached the device's transmit function since it was made.
uint64_t packets_at_device();

// A file of that many bytes, in the page cache; gone when the process ends. Returns its
// descriptor.
int make_file(uint64_t bytes);

// A UDP socket connected to kSink:port.
int connect_to_sink(uint16_t port);

}  // namespace bench
