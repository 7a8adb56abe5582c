// SPDX-License-Identifier: GPL-2.0-only
// A program of somebody else on the hook of a device, gone with the object. Knows nothing of zcctl.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/fd.h"

struct bpf_object;

namespace zc::test {

class Bystander {
 public:
  // `program` of bystander.bpf.c: "by_watch" comes behind what is there, "by_tag" before it.
  // Throws std::system_error; not where the kernel has no tcx, see there().
  Bystander(const std::string& program, unsigned ifindex);
  ~Bystander();
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;
  Bystander(Bystander&&) = delete;
  Bystander& operator=(Bystander&&) = delete;

  // Programs have no order to test without tcx (Linux 6.6).
  bool there() const { return static_cast<bool>(link_); }
  // skb->mark → packets. Forgets them.
  std::map<uint32_t, uint64_t> take_marks();

 private:
  bpf_object* object_;
  Fd link_;
};

}  // namespace zc::test
