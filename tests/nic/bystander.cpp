// SPDX-License-Identifier: GPL-2.0-only
#include "nic/bystander.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace zc::test {
namespace {

constexpr unsigned kTcxEgress = 47;    // BPF_TCX_EGRESS
constexpr unsigned kBefore = 1U << 3;  // BPF_F_BEFORE
constexpr unsigned kAfter = 1U << 4;   // BPF_F_AFTER

// What the kernel reads for BPF_LINK_CREATE; older headers have no `flags` for tcx.
struct LinkRequest {
  uint32_t program_fd, target_ifindex, attach_type, flags;
  uint32_t relative_fd, pad;
  uint64_t revision;
};

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Bystander::Bystander(const std::string& program, unsigned ifindex)
    : object_(bpf_object__open_file(BYSTANDER_PATH, nullptr)) {
  if (!object_ || bpf_object__load(object_) != 0) fail("loading a bystander");
  bpf_program* const found = bpf_object__find_program_by_name(object_, program.c_str());
  if (!found) fail("finding a bystander");
  LinkRequest request{};
  request.program_fd = static_cast<uint32_t>(bpf_program__fd(found));
  request.target_ifindex = ifindex;
  request.attach_type = kTcxEgress;
  request.flags = program == "by_tag" ? kBefore : kAfter;
  link_ = Fd(static_cast<int>(syscall(SYS_bpf, BPF_LINK_CREATE, &request, sizeof(request))));
  if (!link_ && errno != EINVAL) fail("attaching a bystander");
}

Bystander::~Bystander() {
  bpf_object__close(object_);
}

std::map<uint32_t, uint64_t> Bystander::take_marks() {
  std::map<uint32_t, uint64_t> marks;
  const int fd = bpf_object__find_map_fd_by_name(object_, "by_marks");
  for (uint32_t mark = 0; bpf_map_get_next_key(fd, nullptr, &mark) == 0;) {
    uint64_t count = 0;
    bpf_map_lookup_elem(fd, &mark, &count);
    marks[mark] = count;
    if (bpf_map_delete_elem(fd, &mark) != 0) fail("forgetting marks");
  }
  return marks;
}

}  // namespace zc::test
