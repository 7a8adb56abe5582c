// SPDX-License-Identifier: GPL-2.0-only
#include "app_sockets.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "base/number.h"
#include "foreign.h"
#include "kern/netns.h"

namespace zc::kern {
namespace {

uint32_t hexadecimal(const std::string& text) {
  uint32_t value = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

// "0100007F:1F90": the address in words as they are in memory, the port as a number.
Endpoint parse_proc_endpoint(const std::string& text) {
  constexpr size_t kDigits = 8;  // of a word
  Endpoint endpoint;
  const size_t colon = text.find(':');
  endpoint.family = colon == kDigits ? Family::kIpv4 : Family::kIpv6;
  for (size_t at = 0; colon != std::string::npos && at + kDigits <= colon; at += kDigits) {
    const uint32_t word = hexadecimal(text.substr(at, kDigits));
    std::memcpy(&endpoint.address[at / 2], &word, sizeof(word));
  }
  if (colon != std::string::npos)
    endpoint.port = static_cast<uint16_t>(hexadecimal(text.substr(colon + 1)));
  constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (endpoint.family == Family::kIpv6 &&
      std::equal(kMapped.begin(), kMapped.end(), endpoint.address.begin())) {
    std::array<uint8_t, 16> ipv4{};
    std::copy(endpoint.address.begin() + 12, endpoint.address.end(), ipv4.begin());
    endpoint.family = Family::kIpv4;
    endpoint.address = ipv4;
  }
  return endpoint;
}

// /proc/net/udp of the namespace that this thread is in. All kernels have it; sock_diag's UDP part
// is a module that may be missing.
void read_table(const char* table, const Endpoint& to, std::vector<api::AppSocket>& sockets) {
  std::ifstream lines(std::string("/proc/thread-self/net/") + table);
  std::string line;
  std::getline(lines, line);  // the names of the columns
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string slot, local, peer, state, queues, timer, retransmits, uid, timeout;
    api::AppSocket socket;
    fields >> slot >> local >> peer >> state >> queues >> timer >> retransmits >> uid >> timeout >>
        socket.inode;
    if (!fields || parse_proc_endpoint(peer) != to) continue;
    socket.local = parse_proc_endpoint(local);
    socket.peer = to;
    sockets.push_back(socket);
  }
}

std::vector<api::AppSocket> read_tables(const Endpoint& to) {
  std::vector<api::AppSocket> sockets;
  if (to.family == Family::kIpv4) read_table("udp", to, sockets);
  read_table("udp6", to, sockets);  // IPv4 of an IPv6 socket, too
  return sockets;
}

// What a descriptor is: the inode of a socket, or 0.
uint64_t socket_inode(uint32_t pid, uint32_t fd) {
  constexpr std::string_view kPrefix = "socket:[";
  std::error_code failed;
  const std::string target =
      std::filesystem::read_symlink(descriptors_folder(pid) + "/" + std::to_string(fd), failed);
  if (failed || !target.starts_with(kPrefix)) return 0;
  uint64_t inode = 0;
  (void)std::from_chars(target.data() + kPrefix.size(), target.data() + target.size(), inode);
  return inode;
}

std::string command_of(uint32_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string command;
  std::getline(file, command);
  return command;
}

// False: the descriptor was closed meanwhile, and is another file's or another process's now.
bool look_into(uint32_t pid, uint32_t fd, api::AppSocket& socket) {
  const auto process = open_process(pid);
  if (!process) return false;
  const auto copy = take_descriptor(*process, pid, fd);
  struct stat info {};
  if (copy && (fstat(copy->get(), &info) != 0 || info.st_ino != socket.inode)) return false;
  if (!copy && copy.error().kind != ErrorKind::kNotPermitted) return false;
  if (copy) socket.options = options_of(*copy, socket.peer.family);
  socket.pid = pid;
  socket.fd = fd;
  socket.command = command_of(pid);
  return true;
}

// Walks all descriptors of all processes, once. A socket without a file (inode 0) is nobody's.
void find_owners(std::vector<api::AppSocket>& sockets) {
  std::map<uint64_t, api::AppSocket*> wanted;
  for (api::AppSocket& socket : sockets) {
    if (socket.inode != 0) wanted[socket.inode] = &socket;
  }
  for (const uint32_t pid : numbers_in("/proc")) {
    if (wanted.empty()) return;
    for (const uint32_t fd : numbers_in(descriptors_folder(pid))) {
      const auto found = wanted.find(socket_inode(pid, fd));
      if (found != wanted.end() && look_into(pid, fd, *found->second)) wanted.erase(found);
    }
  }
}

}  // namespace

Result<api::AppSockets> find_app_sockets(const Endpoint& to) {
  api::AppSockets sockets{read_tables(to)};
  const uint64_t home = ZC_TRY(netns_cookie());
  sockets.complete = in_each_netns([&](uint64_t cookie) {
    if (cookie == home) return;
    for (api::AppSocket& socket : read_tables(to)) {
      socket.here = false;
      sockets.list.push_back(std::move(socket));
    }
  });
  find_owners(sockets.list);
  return sockets;
}

}  // namespace zc::kern
