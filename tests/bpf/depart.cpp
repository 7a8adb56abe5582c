// SPDX-License-Identifier: GPL-2.0-only
#include "depart.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <ctime>
#include <stdexcept>

#include "fixture.h"

#include "zc_depart.skel.h"

namespace zc::test {
namespace {

// 0, or a negative errno. The object's own read-only data is nobody else's.
int share_maps(zc_depart* skeleton, const Egress& egress) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton->obj) {
    const int fd = bpf_map__is_internal(map) ? -1 : egress.map_fd(bpf_map__name(map));
    if (fd < 0) continue;
    if (const int failure = bpf_map__reuse_fd(map, fd); failure != 0) return failure;
  }
  return 0;
}

}  // namespace

uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

std::unique_ptr<Depart> Depart::load(const Egress& egress) {
  zc_depart* skeleton = zc_depart::open();
  if (!skeleton) return nullptr;
  int failure = share_maps(skeleton, egress);
  if (failure == 0) failure = zc_depart::load(skeleton);
  if (failure != 0) {
    zc_depart::destroy(skeleton);
    errno = -failure;
    return nullptr;
  }
  return std::unique_ptr<Depart>(new Depart(skeleton, egress));
}

Depart::~Depart() {
  zc_depart::destroy(skeleton_);
}

uint64_t Depart::run(const Bytes& packet, uint32_t mark, uint64_t tstamp) {
  Bytes out(packet.size() + 256);
  __sk_buff before{}, after{};
  before.mark = mark;
  before.tstamp = tstamp;
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<uint32_t>(packet.size());
  options.data_out = out.data();
  options.data_size_out = static_cast<uint32_t>(out.size());
  options.repeat = 1;
  options.ctx_in = &before;
  options.ctx_size_in = sizeof(before);
  options.ctx_out = &after;
  options.ctx_size_out = sizeof(after);
  const int failure = bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.zc_depart), &options);
  EXPECT_EQ(failure, 0) << strerror(-failure);
  EXPECT_EQ(static_cast<int>(options.retval), kPassed);
  EXPECT_EQ(after.mark, mark);
  out.resize(options.data_size_out);
  EXPECT_TRUE(out == packet) << "it writes no byte of a packet";
  return after.tstamp;
}

zc_waiting Depart::entry(unsigned slot) const {
  zc_waiting entry{};
  EXPECT_EQ(bpf_map_lookup_elem(egress_.map_fd("zc_paces"), &slot, &entry), 0) << strerror(errno);
  return entry;
}

void Depart::put_entry(unsigned slot, const zc_waiting& entry) {
  EXPECT_EQ(bpf_map_update_elem(egress_.map_fd("zc_paces"), &slot, &entry, BPF_ANY), 0)
      << strerror(errno);
}

Depart& shared_depart() {
  static const std::unique_ptr<Depart> loaded = Depart::load(shared_egress(0));
  if (!loaded) throw std::runtime_error(std::string("cannot load zc_depart: ") + strerror(errno));
  return *loaded;
}

}  // namespace zc::test
