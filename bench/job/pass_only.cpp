// SPDX-License-Identifier: GPL-2.0-only
#include "job/pass_only.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace zc::bench {
namespace {

// r0 = SK_PASS; exit
constexpr std::array<bpf_insn, 2> kPass{{
    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 1},
    {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
}};

Fd load_program() {
  return Fd(
      bpf_prog_load(BPF_PROG_TYPE_SK_MSG, "pass_only", "GPL", kPass.data(), kPass.size(), nullptr));
}

std::string reason(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

}  // namespace

std::string pass_only_missing() {
  return load_program() ? std::string() : reason("an sk_msg program");
}

PassOnly::PassOnly(int socket)
    : program_(load_program()),
      sockets_(
          bpf_map_create(BPF_MAP_TYPE_SOCKMAP, "passed", sizeof(int), sizeof(int), 1, nullptr)) {
  const int slot = 0;
  if (!program_)
    why_ = reason("an sk_msg program");
  else if (!sockets_)
    why_ = reason("a sockmap");
  else if (bpf_prog_attach(program_.get(), sockets_.get(), BPF_SK_MSG_VERDICT, 0) != 0 ||
           bpf_map_update_elem(sockets_.get(), &slot, &socket, BPF_ANY) != 0)
    why_ = reason("an sk_msg program on the socket");
}

}  // namespace zc::bench
