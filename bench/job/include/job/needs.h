// SPDX-License-Identifier: GPL-2.0-only
// Answers to "can this host do it?" that several methods share. Each looks, changes nothing, and
// returns why not, or nothing.
#pragma once

#include <cstddef>
#include <string>

namespace zc::bench {

std::string nothing_missing();
std::string udp_segment_missing();  // Linux 4.18
std::string zero_copy_missing();    // Linux 5.0
// Looks on the path; `package` is Debian's.
std::string program_missing(const std::string& program, const std::string& package);
std::string zcctl_missing();  // what `zcctl attach` needs
std::string zcctl_segment_missing();
std::string zcctl_framing_missing();  // Linux 6.5
std::string zcctl_segment_zero_copy_missing();

// Is no question to the host: why a program that puts seven TS packets into one cannot send
// payloads of another size, or nothing.
std::string seven_ts_packets_only(size_t payload_bytes);

}  // namespace zc::bench
