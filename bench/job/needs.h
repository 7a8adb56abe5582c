// Answers to "can this host do it?" that several methods share. Each looks, changes nothing, and
// returns why not, or nothing.
#pragma once

#include <string>

namespace zc::bench {

std::string nothing_missing();
std::string udp_segment_missing();  // Linux 4.18
std::string zero_copy_missing();    // Linux 5.0
std::string zcctl_missing();        // what `zcctl attach` needs
std::string zcctl_segment_missing();
std::string zcctl_segment_zero_copy_missing();

}  // namespace zc::bench
