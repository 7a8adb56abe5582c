// SPDX-License-Identifier: GPL-2.0-only
#include "target_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "libbpf_log.h"
#include "object_maps.h"
#include "program.h"
#include "zc/abi.h"

namespace zc::kern {
namespace {

// Of devices: a target finds its streams by zc_connected, and asks no filter.
void leave_out_unused(const zc_framer& object) {
  bpf_map__set_autocreate(object.maps.zc_filter, false);
  bpf_map__set_autocreate(object.maps.zc_streams, false);
}

void set_sizes(zc_framer& object, uint32_t max_streams) {
  const uint32_t slots = max_streams * ZC_SLOTS_PER_STREAM;
  object.rodata->zc_config.kern_ctx = has_kern_ctx();
  object.rodata->zc_config.stream_slots = slots;
  bpf_map__set_max_entries(object.maps.zc_slots, slots);
  bpf_map__set_max_entries(object.maps.zc_clocks, slots);
  bpf_map__set_max_entries(object.maps.zc_connected, max_streams);
  bpf_map__set_max_entries(object.maps.zc_sockhash, max_streams);
}

}  // namespace

Result<TargetProgram> TargetProgram::load(uint32_t max_streams) {
  TargetProgram program(Skeleton<zc_framer>::open());
  if (!program.skeleton_) return load_error(errno, "cannot open the BPF object");
  leave_out_unused(*program.skeleton_.operator->());
  set_sizes(*program.skeleton_.operator->(), max_streams);
  start_log(false);
  const int failure = program.skeleton_.load();
  if (failure != 0) return load_error(-failure, "cannot load the programs for TCP");
  const auto& object = program.skeleton_;
  if (bpf_prog_attach(bpf_program__fd(object->progs.zc_message),
                      bpf_map__fd(object->maps.zc_sockhash), BPF_SK_MSG_VERDICT, 0) != 0)
    return system_error(errno, "cannot attach the program to its sockmap");
  return program;
}

Status TargetProgram::pin_maps(const PinDirectory& pins) const {
  return kern::pin_maps(skeleton_.object(), pins);
}

Status TargetProgram::pin_programs(const PinDirectory& pins) const {
  const auto& programs = skeleton_->progs;
  ZC_TRY(pins.pin_fd(bpf_program__fd(programs.zc_message), PinDirectory::program(kMessage)));
  return pins.pin_fd(bpf_program__fd(programs.zc_connect), PinDirectory::program(kConnect));
}

}  // namespace zc::kern
