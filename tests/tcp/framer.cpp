// SPDX-License-Identifier: GPL-2.0-only
#include "framer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "support/endpoint.h"
#include "zc_framer.skel.h"

namespace zc::test {
namespace {

constexpr uint32_t kRule = 3;
// In this process's own mounts.
const std::string kHierarchy = "/mnt";

int map_fd(const bpf_map* map) {
  return bpf_map__fd(map);
}

bool join(const std::string& cgroup) {
  std::ofstream members(cgroup + "/cgroup.procs");
  return static_cast<bool>(members << getpid() << std::flush);
}

zc_flow flow_to(const std::string& endpoint) {
  zc_flow flow{};
  const Bytes address = address_of(endpoint);
  flow.family = address.size() == 4 ? ZC_IPV4 : ZC_IPV6;
  std::memcpy(flow.daddr, address.data(), address.size());
  flow.dport = htons(port_of(endpoint));
  return flow;
}

}  // namespace

std::unique_ptr<Framer> Framer::load(std::string& why) {
  zc_framer* skeleton = zc_framer::open_and_load();
  if (!skeleton) {
    why = std::string("cannot load zc_message: ") + strerror(errno);
    return nullptr;
  }
  std::unique_ptr<Framer> framer(new Framer(skeleton));
  const int attached = bpf_prog_attach(bpf_program__fd(skeleton->progs.zc_message),
                                       map_fd(skeleton->maps.zc_sockhash), BPF_SK_MSG_VERDICT, 0);
  if (attached != 0) {
    why = std::string("cannot attach to the sockhash: ") + strerror(errno);
    return nullptr;
  }
  return framer->enter_cgroup(why) ? std::move(framer) : nullptr;
}

bool Framer::enter_cgroup(std::string& why) {
  const std::string cgroup = kHierarchy + "/zc-tcp-" + std::to_string(getpid());
  if (mount("none", kHierarchy.c_str(), "cgroup2", 0, nullptr) != 0 ||
      mkdir(cgroup.c_str(), 0755) != 0) {
    why = std::string("cannot make a cgroup: ") + strerror(errno);
    return false;
  }
  cgroup_ = cgroup;
  const Fd folder(open(cgroup.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  link_ = bpf_program__attach_cgroup(skeleton_->progs.zc_connect, folder.get());
  if (!link_ || !join(cgroup)) {
    why = std::string("cannot attach to a cgroup: ") + strerror(errno);
    return false;
  }
  return true;
}

Framer::~Framer() {
  bpf_link__destroy(link_);
  zc_framer::destroy(skeleton_);
  if (cgroup_.empty()) return;
  join(kHierarchy);
  rmdir(cgroup_.c_str());
}

void Framer::put_rule(const std::string& to, const FramingRule& wanted) {
  put(flow_to(to), wanted);
}

void Framer::put_rule_from(uint16_t port, const FramingRule& wanted) {
  zc_flow flow{};
  flow.sport = htons(port);
  put(flow, wanted);
}

void Framer::put(const zc_flow& match, const FramingRule& wanted) {
  zc_rule rule{};
  rule.match = match;
  rule.options.how.payload_type = wanted.payload_type;
  rule.options.how.flags = ZC_RULE_FIXED_SSRC | ZC_RULE_FIXED_SEQ | ZC_RULE_FIXED_TS;
  rule.options.how.timestamp = wanted.timestamp;
  rule.options.ticks_whole = wanted.ticks_whole;
  rule.options.ticks_q64 = wanted.ticks_q64;
  rule.options.first_ts = wanted.first_ts;
  rule.options.pcr_pid = ZC_NO_PID;
  rule.options.first_ssrc = wanted.ssrc;
  rule.options.first_seq = wanted.first_seq;
  const uint32_t id = kRule;
  EXPECT_EQ(bpf_map_update_elem(map_fd(skeleton_->maps.zc_framings), &id, &wanted.framing, 0), 0);
  EXPECT_EQ(bpf_map_update_elem(map_fd(skeleton_->maps.zc_rules), &id, &rule, 0), 0);
  EXPECT_EQ(bpf_map_update_elem(map_fd(skeleton_->maps.zc_match), &rule.match, &id, 0), 0);
}

uint64_t Framer::count(zc_verdict verdict) const {
  zc_counts counts{};
  const uint32_t id = kRule;
  EXPECT_EQ(bpf_map_lookup_elem(map_fd(skeleton_->maps.zc_counts), &id, &counts), 0);
  return counts.packets[verdict];
}

unsigned Framer::connected() const {
  unsigned found = 0;
  uint32_t key = 0, next = 0;
  const int fd = map_fd(skeleton_->maps.zc_connected);
  for (const void* from = nullptr; bpf_map_get_next_key(fd, from, &next) == 0; from = &key) {
    key = next;
    ++found;
  }
  return found;
}

unsigned Framer::slots_in_use() const {
  unsigned used = 0;
  const uint32_t slots = bpf_map__max_entries(skeleton_->maps.zc_slots);
  std::vector<uint32_t> keys(slots);
  std::vector<zc_stream> streams(slots);
  uint32_t batch = 0, count = slots;
  EXPECT_EQ(bpf_map_lookup_batch(map_fd(skeleton_->maps.zc_slots), nullptr, &batch, keys.data(),
                                 streams.data(), &count, nullptr),
            0);
  for (const zc_stream& stream : streams)
    used += stream.state != ZC_SLOT_FREE;
  return used;
}

}  // namespace zc::test
