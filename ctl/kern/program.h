// SPDX-License-Identifier: GPL-2.0-only
// Loads the BPF programs. Knows their configuration, not what they do.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "base/result.h"
#include "pins.h"
#include "skeleton.h"
#include "zc/abi.h"
#include "zc/room.h"

#include "zc_egress.skel.h"

namespace zc::kern {

// Keeps libbpf from printing by itself from now on: our errors carry what it has to say.
void capture_libbpf_log();

struct ProgramConfig {
  uint32_t l2_bytes = ZC_ETHERNET_BYTES;  // 0 where the device carries bare IP
  bool kern_ctx = true;                   // may use bpf_cast_to_kern_ctx
  uint32_t max_streams = ZC_DEFAULT_STREAMS;
};

// The program at a device's egress, loaded.
class EgressProgram {
 public:
  // Makes maps of its own. The error's detail holds the verifier's last lines.
  static Result<EgressProgram> load(const ProgramConfig& config);
  // Uses the maps that are pinned there but those of the names `but`. They must fit `config`.
  static Result<EgressProgram> load_on(const PinDirectory& pins, const ProgramConfig& config,
                                       std::initializer_list<std::string_view> but);

  // What the maps of one would take; nothing is loaded.
  static Result<uint64_t> table_bytes(const ProgramConfig& config);

  const Skeleton<zc_egress>& operator->() const { return skeleton_; }
  int program_fd() const;
  Status pin_maps(const PinDirectory& pins) const;

 private:
  explicit EgressProgram(Skeleton<zc_egress> skeleton) : skeleton_(std::move(skeleton)) {}
  static Result<EgressProgram> open(const ProgramConfig& config);
  Result<EgressProgram> finish() &&;
  Skeleton<zc_egress> skeleton_;
};

// The program of the pace device (bpf/depart.bpf.c), loaded on the maps that are pinned there.
Result<Fd> load_depart_program(const PinDirectory& pins);

// Does a program load here that uses bpf_cast_to_kern_ctx?
bool has_kern_ctx();
// A program that does nothing; fails where the kernel or our capabilities allow no BPF at all.
Result<Fd> load_pass_program();

}  // namespace zc::kern
