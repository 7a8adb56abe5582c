// Writes a page with everything that is hard to lay out, for the browser to look at: all suites,
// long and hostile names, rows without a figure, large and small bars.
// Usage: report_sample PAGE.html; 77 where gnuplot is not installed.
#include <cstdio>
#include <exception>

#include "bench/report/papers.h"
#include "bench/report/report.h"
#include "bench/report/write.h"
#include "samples.h"

namespace zc::bench {
namespace {

Case of(const std::string& suite, Case c) {
  c.suite = suite;
  return c;
}

Case streaming(unsigned bytes, bool fragments) {
  std::vector<Row> rows;
  int64_t ns = 900;
  for (const PaperMethod& method : paper_streaming()) {
    const bool zcctl = std::string(method.method).find("rtpsendfile") != std::string::npos;
    rows.push_back(zcctl && fragments
                       ? without_figure(method.method, "impossible", "zcctl drops IP fragments")
                       : row(method.method, zcctl ? "zcctl" : "application", ns));
    ns = ns * 7 % 2011 + 200;
  }
  rows.push_back(row("a_name_that_is_longer_than_any_other_name", "application", 4000));
  rows.push_back(row("<b>&amp;\"'`\\$x", "none", 20));
  rows.push_back(
      without_figure("udp_segment_read_writev", "void",
                     "the device counted 19,998 frames of 20,000; " + std::string(150, 'x')));
  rows[0].profile = {{38.7, "[kernel.kallsyms]", "rep_movs_alternative"}};
  return of("streaming", a_case(std::move(rows), bytes));
}

Case download(unsigned bytes) {
  std::vector<Row> rows;
  for (const PaperMethod& method : paper_download()) {
    rows.push_back(row(method.method, "none", 500 + 100 * static_cast<int64_t>(rows.size())));
    if (std::string(method.method).ends_with("_tcp")) rows.back().transport = "TCP";
  }
  Case c = a_case(std::move(rows), bytes);
  c.baseline = "read_write";
  derive_figures(c);
  return of("download", c);
}

Case loan(unsigned bytes) {
  Row copy = row("copy_only", "none", 50 + bytes / 10);
  copy.transport = "none";
  Case c = a_case({row("loan_send", "none", 400 + bytes / 8),
                   row("loan_zerocopy", "none", 900 + bytes / 40), copy},
                  bytes);
  c.baseline = "loan_send";
  derive_figures(c);
  return of("loan", c);
}

Results everything() {
  std::vector<Case> cases;
  for (const unsigned bytes : {512U, 1024U, 1316U, 1388U, 2048U, 8936U})
    cases.push_back(streaming(bytes, bytes == 2048));
  cases.push_back(of("rivals", usual_case()));
  cases.push_back(of("bars", usual_case()));
  for (const unsigned bytes : {512U, 1024U, 2048U})
    cases.push_back(download(bytes));
  for (unsigned bytes = 64; bytes <= 65536; bytes *= 4)
    cases.push_back(loan(bytes));
  Results all = results(std::move(cases));
  all.smoke = true;
  all.host.vulnerabilities = {{"spectre_v2", "Mitigation: " + std::string(200, 'y')}};
  all.environments = {{"nic", "a device", "2: nic0", "pfifo_fast", {{"scatter-gather", "on"}}}};
  return all;
}

}  // namespace
}  // namespace zc::bench

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const auto collection = zc::bench::collect({zc::bench::everything()});
  const auto status = zc::bench::write_html(zc::bench::make_report(collection), argv[1]);
  if (status) return 0;
  std::fprintf(stderr, "%s\n", status.error().message.c_str());
  return status.error().code == zc::ExitCode::kUnsupported ? 77 : 1;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
