// SPDX-License-Identifier: GPL-2.0-only
// zc_depart in the kernel, run on one packet at a time (BPF_PROG_TEST_RUN), and what it remembers
// of a stream. Its maps are those of an Egress, as behind an `attach`. Knows no clock and no rate.
#pragma once

#include <memory>

#include "egress.h"

struct zc_depart;

namespace zc::test {

// CLOCK_MONOTONIC in nanoseconds, as bpf_ktime_get_ns() has it.
uint64_t monotonic_ns();

class Depart {
 public:
  // Shares the maps of `egress`, which must outlive it. nullptr where loading failed: errno says
  // why.
  static std::unique_ptr<Depart> load(const Egress& egress);
  ~Depart();
  Depart(const Depart&) = delete;
  Depart& operator=(const Depart&) = delete;
  Depart(Depart&&) = delete;
  Depart& operator=(Depart&&) = delete;

  // skb->tstamp behind the program, of a packet that has `mark` and, before it, `tstamp`. Fails the
  // test where the program changes a byte or the verdict.
  uint64_t run(const Bytes& packet, uint32_t mark, uint64_t tstamp = 0);

  zc_waiting entry(unsigned slot) const;
  void put_entry(unsigned slot, const zc_waiting& entry);

 private:
  Depart(zc_depart* skeleton, const Egress& egress) : skeleton_(skeleton), egress_(egress) {}
  zc_depart* skeleton_;
  const Egress& egress_;
};

// The one of shared_egress(0). Loaded once a process.
Depart& shared_depart();

}  // namespace zc::test
