// SPDX-License-Identifier: GPL-2.0-only
#include "support/sandbox.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fd.h"

namespace zc::test {
namespace {

Missing failed(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

Missing make_namespaces() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return failed("cannot make namespaces");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return failed("cannot make the mounts private");
  return {};
}

Missing mount_fresh() {
  // /sys shows the devices of the namespace it was mounted in.
  if (mount("sysfs", "/sys", "sysfs", 0, nullptr) != 0) return failed("cannot mount /sys");
  if (mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700") != 0)
    return failed("cannot mount a bpffs");
  struct stat info {};
  if (stat("/run/netns", &info) != 0) return {};
  if (mount("tmpfs", "/run/netns", "tmpfs", 0, nullptr) != 0)
    return failed("cannot mount /run/netns");
  return {};
}

Missing bring_up_loopback() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  if (!socket || ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0)
    return failed("cannot set lo up");
  return {};
}

// r0 = 0; exit: the smallest program there is.
Missing load_a_program() {
  std::array<bpf_insn, 2> program{};
  program[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
  program[1].code = BPF_JMP | BPF_EXIT;
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attributes.insns = reinterpret_cast<uintptr_t>(program.data());
  attributes.insn_cnt = program.size();
  attributes.license = reinterpret_cast<uintptr_t>("GPL");
  const Fd loaded(
      static_cast<int>(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes))));
  return loaded ? Missing{} : failed("cannot load a BPF program");
}

bool only_lists(int argc, char** argv) {
  for (int i = 1; i < argc; i++) {
    if (std::strncmp(argv[i], "--gtest_list_tests", 18) == 0) return true;
  }
  return false;
}

}  // namespace

Missing enter_sandbox() {
  for (auto* const step : {make_namespaces, mount_fresh, bring_up_loopback, load_a_program}) {
    if (Missing missing = step()) return missing;
  }
  return {};
}

int run_tests_in_sandbox(int argc, char** argv, const std::function<Missing()>& also_needed) {
  const bool lists = only_lists(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  if (lists) return RUN_ALL_TESTS();
  Missing missing = enter_sandbox();
  if (!missing && also_needed) missing = also_needed();
  if (!missing) return RUN_ALL_TESTS();
  std::fprintf(stderr, "SKIPPED: %s\n", missing->c_str());
  return kExitSkipped;
}

}  // namespace zc::test
