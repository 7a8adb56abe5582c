// SPDX-License-Identifier: GPL-2.0-only
// Loads the BPF programs. Knows their configuration, not what they do.
#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "zc/abi.h"

struct zc_egress;

namespace zc::kern {

// From now on libbpf prints nothing by itself: our errors carry what it has to say.
void capture_libbpf_log();

struct ProgramConfig {
  uint32_t l2_bytes = 14;  // 14 on Ethernet, 0 where the device carries bare IP
  bool kern_ctx = true;    // may use bpf_cast_to_kern_ctx
  uint32_t max_streams = ZC_DEFAULT_STREAMS;
};

// Owns the loaded object: its maps and program live until they are pinned or this is gone.
class EgressProgram {
 public:
  // The error's detail holds the verifier's last lines.
  static Result<EgressProgram> load(const ProgramConfig& config);

  zc_egress* operator->() const { return skeleton_.get(); }
  int program_fd() const;

 private:
  struct Destroy {
    void operator()(zc_egress* skeleton) const;
  };
  explicit EgressProgram(zc_egress* skeleton) : skeleton_(skeleton) {}
  std::unique_ptr<zc_egress, Destroy> skeleton_;
};

// Does a program load here that uses bpf_cast_to_kern_ctx?
bool has_kern_ctx();
// A program that does nothing; fails where the kernel or our capabilities allow no BPF at all.
Result<Fd> load_pass_program();

}  // namespace zc::kern
