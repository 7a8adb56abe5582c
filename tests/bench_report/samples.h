// Small results with literal figures, for the report's tests. No interval, no ratio comes from a
// measurement.
#pragma once

#include "bench/report/figures.h"
#include "bench/report/results.h"

namespace zc::bench {

// Five rounds of 1000 packets that took `ns` each, a little more from round to round.
inline Row row(const std::string& method, const std::string& rtp, int64_t ns) {
  Row row;
  row.method = method;
  row.rtp = rtp;
  row.transport = "UDP";
  row.header_bytes = rtp == "zcctl" ? 20 : rtp == "none" ? 0 : 12;
  for (unsigned round = 1; round <= 5; round++) {
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

inline Row without_figure(const std::string& method, const std::string& state,
                          const std::string& why) {
  Row row;
  row.method = method;
  row.rtp = "zcctl";
  row.transport = "UDP";
  row.state = state;
  row.why = why;
  return row;
}

inline Case a_case(std::vector<Row> rows, unsigned payload_bytes = 1388) {
  Case c;
  c.suite = "streaming";
  c.environment = "nic";
  c.file = "large";
  c.file_bytes = 1 << 30;
  c.payload_bytes = payload_bytes;
  c.mtu = 1500;
  c.baseline = "read_writev";
  c.metric = "machine";
  c.rows = std::move(rows);
  derive_figures(c);
  return c;
}

inline Results results(std::vector<Case> cases, const std::string& date = "2026-01-01T00:00:00Z") {
  Results results;
  results.suite = "streaming";
  results.date = date;
  results.command = "zcctl bench run";
  results.revision = "0123abc";
  results.rounds = 5;
  results.seconds = 2;
  results.host.kernel = "6.1.0 x86_64";
  results.host.cpu_model = "A CPU";
  results.host.cpus = 2;
  results.cases = std::move(cases);
  return results;
}

// What most tests need: the baseline at 1000 ns, a rival at 500, zcctl at 250.
inline Case usual_case(unsigned payload_bytes = 1388) {
  Row again = row("read_writev", "application", 1000);
  again.again = true;
  return a_case(
      {row("read_writev", "application", 1000), again, row("rtp_sendfile", "application", 2000),
       row("udp_segment_writev", "application", 500), row("krtpsendfile", "zcctl", 250)},
      payload_bytes);
}

}  // namespace zc::bench
