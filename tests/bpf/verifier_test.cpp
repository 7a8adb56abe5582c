// SPDX-License-Identifier: GPL-2.0-only
// What the verifier has to look at: a program that grows towards the limit of a million
// instructions fails to load on somebody's older kernel first. verified_insns.txt is the table.
#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <sstream>
#include <string>

#include "egress.h"
#include "zc_framer.skel.h"

namespace zc::test {
namespace {

// Is in the binary, which is also run where the sources are not: on older kernels in QEMU.
constexpr const char* kTable =
#include "verified_insns.inc"
    ;

struct Program {
  unsigned kern_ctx, l2_bytes;
  const char* name = "zc_egress";
};

struct Row {
  std::string program;
  unsigned kern_ctx = 0, l2_bytes = 0;
  std::string kernel;  // "6.18"
  uint32_t instructions = 0;
};

// Major and minor number of the running kernel.
std::string kernel_here() {
  utsname name{};
  uname(&name);
  const std::string release = name.release;
  return release.substr(0, release.find_first_not_of("0123456789", release.find('.') + 1));
}

// The program's row of this kernel, or the first one of another kernel.
std::optional<Row> row_of(const Program& program) {
  std::optional<Row> found;
  std::istringstream lines(kTable);
  for (std::string line; std::getline(lines, line);) {
    Row row;
    std::istringstream words(line);
    const bool read = !line.starts_with('#') && words >> row.program >> row.kern_ctx >>
                                                    row.l2_bytes >> row.kernel >> row.instructions;
    if (!read || row.program != program.name || row.kern_ctx != program.kern_ctx ||
        row.l2_bytes != program.l2_bytes)
      continue;
    if (row.kernel == kernel_here()) return row;
    if (!found) found = row;
  }
  return found;
}

// Another kernel's verifier prunes otherwise: there only a multiple is a failure.
uint32_t most_allowed(const Row& row) {
  return row.kernel == kernel_here() ? row.instructions + row.instructions / 10
                                     : 2 * row.instructions;
}

// Asks the kernel about the program, and the table.
void check_size(const Program& program, int fd) {
  bpf_prog_info info{};
  uint32_t bytes = sizeof(info);
  ASSERT_EQ(bpf_obj_get_info_by_fd(fd, &info, &bytes), 0);
  std::printf("%s %u %u %s %u\n", program.name, program.kern_ctx, program.l2_bytes,
              kernel_here().c_str(), info.verified_insns);
  const std::optional<Row> row = row_of(program);
  ASSERT_TRUE(row) << "tests/bpf/verified_insns.txt has no such row";
  EXPECT_GT(info.verified_insns, 0U);
  EXPECT_LE(info.verified_insns, most_allowed(*row))
      << "more than tests/bpf/verified_insns.txt allows (" << row->instructions << " on Linux "
      << row->kernel << "): make the program smaller, or put the line above there and say why";
}

class VerifierTest : public testing::TestWithParam<Program> {};

TEST_P(VerifierTest, TheProgramIsNotMuchLargerThanTheTableSays) {
  const Program& program = GetParam();
  const auto egress = Egress::load(program.kern_ctx, program.l2_bytes);
  ASSERT_TRUE(egress);
  check_size(program, egress->program_fd());
}

// Those at sockets need bpf_cast_to_kern_ctx: before Linux 6.5 nobody loads them.
TEST(FramerVerifierTest, TheProgramsAreNotMuchLargerThanTheTableSays_by_cast) {
  zc_framer* framer = zc_framer::open_and_load();
  ASSERT_TRUE(framer) << strerror(errno);
  check_size({1, 0, "zc_connect"}, bpf_program__fd(framer->progs.zc_connect));
  check_size({1, 0, "zc_message"}, bpf_program__fd(framer->progs.zc_message));
  zc_framer::destroy(framer);
}

INSTANTIATE_TEST_SUITE_P(Kernel, VerifierTest,
                         testing::Values(Program{1, 14}, Program{1, 0}, Program{0, 14},
                                         Program{0, 0}),
                         [](const testing::TestParamInfo<Program>& info) {
                           return std::string(info.param.kern_ctx ? "by_cast" : "by_probe") +
                                  (info.param.l2_bytes ? "_ethernet" : "_bare_ip");
                         });

}  // namespace
}  // namespace zc::test
