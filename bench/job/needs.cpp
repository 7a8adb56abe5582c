// SPDX-License-Identifier: GPL-2.0-only
#include "job/needs.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "base/fd.h"
#include "kern/linux_host.h"

namespace zc::bench {
namespace {

constexpr size_t kTsPacketsBytes = 7 * 188;

std::string option_missing(int level, int name, int value, const std::string& words) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket && setsockopt(socket.get(), level, name, &value, sizeof(value)) == 0) return {};
  return words + ": " + std::strerror(errno);
}

}  // namespace

std::string nothing_missing() {
  return {};
}

std::string udp_segment_missing() {
  return option_missing(SOL_UDP, UDP_SEGMENT, 1000, "UDP_SEGMENT");
}

std::string zero_copy_missing() {
  return option_missing(SOL_SOCKET, SO_ZEROCOPY, 1, "SO_ZEROCOPY");
}

std::string program_missing(const std::string& program, const std::string& package) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access(folder.append("/").append(program).c_str(), X_OK) == 0) return {};
  }
  return program + " is not installed (Debian: " + package + ")";
}

std::string seven_ts_packets_only(size_t payload_bytes) {
  return payload_bytes == kTsPacketsBytes ? "" : "puts seven TS packets, 1316 bytes, into one";
}

std::string zcctl_missing() {
  const auto features = kern::make_linux_host()->features();
  return features ? std::string() : features.error().message;
}

std::string zcctl_framing_missing() {
  const auto can = kern::make_linux_host()->framing();
  return can ? std::string() : can.error().message;
}

std::string zcctl_segment_missing() {
  const std::string why = udp_segment_missing();
  return why.empty() ? zcctl_missing() : why;
}

std::string zcctl_segment_zero_copy_missing() {
  const std::string why = zero_copy_missing();
  return why.empty() ? zcctl_segment_missing() : why;
}

}  // namespace zc::bench
