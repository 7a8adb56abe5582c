// SPDX-License-Identifier: GPL-2.0-only
// Runs the tests in a network namespace of their own, or says why they cannot run (exit 77).
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "egress.h"
#include "zc_probe_kern_ctx.skel.h"

namespace {

constexpr int kSkipped = 77;

int skip(const char* why, int error) {
  std::printf("skipped: %s: %s\n", why, strerror(error));
  return kSkipped;
}

bool set_loopback_up() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof(request.ifr_name) - 1);
  request.ifr_flags = IFF_UP;
  const bool done = socket >= 0 && ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  if (socket >= 0) close(socket);
  return done;
}

// Kernels before 6.2 have no bpf_cast_to_kern_ctx: there the tests that want it are left out,
// aloud.
void leave_out_the_cast_where_there_is_none() {
  zc_probe_kern_ctx* probe = zc_probe_kern_ctx::open_and_load();
  zc_probe_kern_ctx::destroy(probe);
  if (probe) return;
  std::puts("this kernel has no bpf_cast_to_kern_ctx: left out the tests named by_cast");
  // What follows the first '-' of a filter are the tests to leave out, of which there may be some.
  std::string& filter = testing::GTEST_FLAG(filter);
  filter += filter.find('-') == std::string::npos ? "-*by_cast*" : ":*by_cast*";
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  if (geteuid() != 0) return skip("BPF programs are loaded by root only", EPERM);
  if (unshare(CLONE_NEWNET) != 0) return skip("cannot make a network namespace", errno);
  if (!set_loopback_up()) return skip("cannot set lo up", errno);
  if (!zc::test::Egress::load(0, 14)) return skip("cannot load the BPF program", errno);
  leave_out_the_cast_where_there_is_none();
  return RUN_ALL_TESTS();
}
