// SPDX-License-Identifier: GPL-2.0-only
#include "world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

namespace bench {
namespace {

constexpr int kSkip = 77;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "micro: %s: %s (needs root and network namespaces)\n", what,
               std::strerror(errno));
  std::exit(kSkip);
}

// Fixed command lines of our own: nothing here comes from outside.
void must_run(const std::string& command) {
  if (std::system(command.c_str()) != 0) give_up(command.c_str());  // NOLINT(cert-env33-c)
}

}  // namespace

void enter_world() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) give_up("unshare");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    give_up("mount --make-private");
  if (mount("sysfs", "/sys", "sysfs", 0, nullptr) != 0) give_up("mount /sys");
  if (mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700") != 0) give_up("mount /sys/fs/bpf");
  const std::string dev = kDevice;
  must_run("ip link set lo up");
  must_run("ip link add " + dev + " type ifb");
  // No router solicitations: every packet that is counted is one that was sent on purpose.
  must_run("ip link set " + dev + " addrgenmode none");
  must_run("ip addr add 10.99.0.1/24 dev " + dev);
  must_run("ip link set " + dev + " up");
}

uint64_t packets_at_device() {
  std::ifstream file(std::string("/sys/class/net/") + kDevice + "/statistics/rx_packets");
  uint64_t packets = 0;
  file >> packets;
  return packets;
}

int make_file(uint64_t bytes) {
  const int fd = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) give_up("temporary file");
  std::vector<char> block(1 << 20);
  for (size_t i = 0; i < block.size(); i++)
    block[i] = static_cast<char>(i * 131 + i / 257);
  for (uint64_t done = 0; done < bytes;) {
    const ssize_t wrote = write(fd, block.data(), std::min<uint64_t>(block.size(), bytes - done));
    if (wrote <= 0) give_up("write");
    done += static_cast<uint64_t>(wrote);
  }
  return fd;
}

int connect_to_sink(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  inet_pton(AF_INET, kSink, &to.sin_addr);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) give_up("connect");
  return fd;
}

}  // namespace bench
