// SPDX-License-Identifier: GPL-2.0-only
// Small results with literal figures, for the report's tests. No interval, no ratio comes from a
// measurement.
#pragma once

#include "results/figures.h"
#include "results/results.h"

namespace zc::bench {

// Rounds of 1000 packets that took `ns` each, a little more from round to round. Six are the fewest
// for an interval.
inline Row row(const std::string& method, HeaderBy rtp, int64_t ns, unsigned rounds = 6) {
  Row row;
  row.method = method;
  row.rtp = rtp;
  row.transport = Transport::kUdp;
  row.header_bytes = rtp == HeaderBy::kZcctl ? 20 : rtp == HeaderBy::kNone ? 0 : 12;
  for (unsigned round = 1; round <= rounds; round++) {
    Sample sample;
    sample.round = round;
    sample.packets = 1000;
    sample.process_ns = sample.machine_ns = ns * 1000 + round;
    sample.wall_ns = 2 * sample.process_ns;
    sample.calls = {{"writev", 1000}, {"mmap", 1}};
    row.samples.push_back(sample);
  }
  return row;
}

inline Row without_figure(const std::string& method, RowState state, const std::string& why) {
  Row row;
  row.method = method;
  row.rtp = HeaderBy::kZcctl;
  row.transport = Transport::kUdp;
  row.state = state;
  row.why = why;
  return row;
}

// The baseline once more, as each run has it: without it the noise is not known, and nothing is
// claimed. It comes last, so that a test finds its own rows where it put them.
inline void add_noise(std::vector<Row>& rows, const std::string& baseline) {
  Row again;
  for (const Row& row : rows) {
    if (row.again) return;
    if (row.method == baseline) again = row;
  }
  again.again = true;
  if (again.method == baseline) rows.push_back(again);
}

inline Case a_case(std::vector<Row> rows, unsigned payload_bytes = 1388) {
  Case c;
  c.suite = "streaming";
  c.environment = "nic";
  c.file = FileKind::kLarge;
  c.file_bytes = 1 << 30;
  c.payload_bytes = payload_bytes;
  c.mtu = 1500;
  c.baseline = "read_writev";
  c.metric = Metric::kMachine;
  c.rows = std::move(rows);
  add_noise(c.rows, c.baseline);
  derive_figures(c);
  return c;
}

inline Results results(std::vector<Case> cases, const std::string& date = "2026-01-01T00:00:00Z") {
  Results results;
  results.suite = "streaming";
  results.date = date;
  results.command = "zcctl bench run";
  results.revision = "0123abc";
  results.rounds = 6;
  results.seconds = 2;
  results.host.kernel = "6.1.0 x86_64";
  results.host.cpu_model = "A CPU";
  results.host.cpus = 2;
  results.cases = std::move(cases);
  return results;
}

inline Case of_suite(const std::string& suite, Case c) {
  c.suite = suite;
  return c;
}

// Nothing of zcctl's: another baseline than RTP's.
inline Case loan_case(unsigned payload_bytes, std::vector<Row> rows, unsigned mtu = 1500) {
  Case c = of_suite("loan", a_case(std::move(rows), payload_bytes));
  c.baseline = "loan_send";
  c.mtu = mtu;
  derive_figures(c);
  return c;
}

// What most tests need: the baseline at 1000 ns, a rival at 500, zcctl at 250.
inline Case usual_case(unsigned payload_bytes = 1388) {
  Row again = row("read_writev", HeaderBy::kApplication, 1000);
  again.again = true;
  return a_case({row("read_writev", HeaderBy::kApplication, 1000), again,
                 row("rtp_sendfile", HeaderBy::kApplication, 2000),
                 row("udp_segment_writev", HeaderBy::kApplication, 500),
                 row("krtpsendfile", HeaderBy::kZcctl, 250)},
                payload_bytes);
}

}  // namespace zc::bench
