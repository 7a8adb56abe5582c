// SPDX-License-Identifier: GPL-2.0-only
#include "env/environment.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "os/tool.h"

namespace zc::bench {
namespace {

constexpr std::array<EnvironmentKind, 5> kEnvironments{{
    {kNic, "a device (ifb) with checksum offload and scatter-gather, without UDP segmentation",
     enter_nic},
    {kNicUso, "the same with UDP segmentation in hardware: the rivals' best case", enter_nic_uso},
    {kNic1g, "nic behind a queue of 512 frames that lets 1 Gbit/s out, as paper 000 had it",
     enter_nic_1g},
    {kVeth, "delivered to a receiver that verifies every packet; its work is in the figures",
     enter_veth},
    {kLo, "loopback, with a receiver of TCP whose work is in the figures", enter_lo},
}};

// "tx-udp-segmentation: off [fixed]"
std::map<std::string, std::string> parse_features(const std::string& text) {
  std::map<std::string, std::string> features;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(": ");
    const size_t begin = line.find_first_not_of('\t');
    if (colon == std::string::npos || begin == std::string::npos) continue;
    features[line.substr(begin, colon - begin)] = line.substr(colon + 2);
  }
  return features;
}

}  // namespace

std::span<const EnvironmentKind> environments() {
  return kEnvironments;
}

std::string environment_names() {
  std::string names;
  for (const EnvironmentKind& kind : kEnvironments)
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  return names;
}

Result<Ends> Environment::connect_tcp(const Expected& /*expected*/, bool /*inspected*/) {
  return unsupported_error("nobody here takes a TCP connection");
}

const EnvironmentKind* find_environment(const std::string& name) {
  const auto* const found =
      std::find_if(kEnvironments.begin(), kEnvironments.end(),
                   [&](const EnvironmentKind& kind) { return kind.name == name; });
  return found == kEnvironments.end() ? nullptr : found;
}

Result<DeviceRecord> record_device(const std::string& dev) {
  DeviceRecord record;
  record.link = ZC_TRY(run_tool("ip -o -d link show dev " + dev));
  if (!record.link.empty()) record.link.pop_back();
  record.features = parse_features(ZC_TRY(run_tool("ethtool -k " + dev)));
  std::istringstream qdisc(ZC_TRY(run_tool("tc qdisc show dev " + dev)));
  std::string word_qdisc;
  qdisc >> word_qdisc >> record.qdisc;
  std::ifstream("/proc/sys/net/ipv4/tcp_congestion_control") >> record.congestion_control;
  return record;
}

Result<Fd> connect_to_far_end(int type) {
  Fd fd(socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const timeval patience{5, 0};
  const int one = 1;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  inet_pton(AF_INET, kFarAddress, &to.sin_addr);
  if (!fd || setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
      setsockopt(fd.get(), SOL_IP, IP_RECVERR, &one, sizeof(one)) != 0 ||
      connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0)
    return system_error(errno, "cannot make a socket to send with");
  return fd;
}

}  // namespace zc::bench
