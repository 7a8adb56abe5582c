// SPDX-License-Identifier: GPL-2.0-only
// Writes a page with everything that is hard to lay out, for the browser to look at: all suites,
// long and hostile names, rows without a figure, large and small bars.
// Usage: report_sample PAGE.html COMPARED.html; 77 where gnuplot is not installed.
#include <cstdio>
#include <exception>

#include "papers.h"
#include "report.h"
#include "report/compare.h"
#include "report/write.h"
#include "samples.h"

namespace zc::bench {
namespace {

Case streaming(unsigned bytes, bool fragments) {
  std::vector<Row> rows;
  int64_t ns = 900;
  for (const PaperMethod& method : paper_streaming()) {
    const bool zcctl = std::string(method.method).find("rtpsendfile") != std::string::npos;
    rows.push_back(
        zcctl && fragments
            ? without_figure(method.method, RowState::kImpossible, "zcctl drops IP fragments")
            : row(method.method, zcctl ? HeaderBy::kZcctl : HeaderBy::kApplication, ns));
    ns = ns * 7 % 2011 + 200;
  }
  rows.push_back(row("a_name_that_is_longer_than_any_other_name", HeaderBy::kApplication, 4000));
  rows.push_back(row("<b>&amp;\"'`\\$x", HeaderBy::kNone, 20));
  rows.push_back(
      without_figure("udp_segment_read_writev", RowState::kVoid,
                     "the device counted 19,998 frames of 20,000; " + std::string(150, 'x')));
  rows[0].profile = {
      {38.7, "[kernel.kallsyms]", "rep_movs_alternative"},
      {9.5, "bpf_prog_90e10cc0ea659d85_zc_stamp_piece", "bpf_prog_90e10cc0ea659d85_zc_stamp_piece"},
      {3.2, "a_module_with_a_name", std::string(60, 'f')}};
  return of_suite("streaming", a_case(std::move(rows), bytes));
}

Case download(unsigned bytes) {
  std::vector<Row> rows;
  for (const PaperMethod& method : paper_download()) {
    rows.push_back(
        row(method.method, HeaderBy::kNone, 500 + 100 * static_cast<int64_t>(rows.size())));
    if (std::string(method.method).ends_with("_tcp")) rows.back().transport = Transport::kTcp;
  }
  Case c = a_case(std::move(rows), bytes);
  c.baseline = "read_write";
  derive_figures(c);
  return of_suite("download", c);
}

// The loan is below 0 at the largest sizes: it costs less than t_2.
Case loan(unsigned bytes, unsigned mtu) {
  Row copy = row("copy_only", HeaderBy::kNone, 50 + bytes / 10);
  copy.transport = Transport::kNone;
  return loan_case(bytes,
                   {row("loan_send", HeaderBy::kNone, 400 + bytes / 8),
                    row("loan_zerocopy", HeaderBy::kNone, 900 + bytes / 80), copy},
                   mtu);
}

Case rivals(const std::string& environment, unsigned rounds) {
  Row program = row("gstreamer_rtp", HeaderBy::kApplication, 9000, rounds);
  program.transport = Transport::kProgram;
  program.samples[0].calls.clear();
  Case c = a_case({row("read_writev", HeaderBy::kApplication, 1000, rounds),
                   row("uring_zc_segment", HeaderBy::kApplication, 321, rounds),
                   row("krtpsendfile", HeaderBy::kZcctl, 250, rounds), program});
  c.environment = environment;
  return of_suite("rivals", c);
}

Results everything() {
  std::vector<Case> cases;
  for (const unsigned bytes : {512U, 1024U, 1316U, 1388U, 2048U, 8936U})
    cases.push_back(streaming(bytes, bytes == 2048));
  cases.push_back(rivals("nic", 6));
  cases.push_back(rivals("nic-uso", 3));
  cases.push_back(of_suite("bars", usual_case()));
  for (const unsigned bytes : {512U, 1024U, 2048U})
    cases.push_back(download(bytes));
  for (const unsigned mtu : {1500U, 65535U}) {
    for (unsigned bytes = 64; bytes <= 65536; bytes *= 4)
      cases.push_back(loan(bytes, mtu));
  }
  Results all = results(std::move(cases));
  all.smoke = true;
  all.command += " --methods " + std::string(120, 'z') + ",udp_segment_writev_premapped";
  all.host.vulnerabilities = {{"spectre_v2", "Mitigation: " + std::string(200, 'y')}};
  all.environments = {
      {"nic", "a device", "2: nic0", "pfifo_fast", "cubic", {{"scatter-gather", "on"}}}};
  return all;
}

// Everything beside what was measured elsewhere, shorter.
Result<Comparison> compared() {
  Results other = everything();
  other.host.kernel = "6.18.44-of-a-vendor-with-a-long-name x86_64";
  other.seconds = 0.5;
  for (Case& c : other.cases)
    c.rows.front().samples.clear();
  return compare(collect({everything()}), collect({other}));
}

Status write_pages(const char* page, const char* compared_page) {
  ZC_TRY(write_html(make_report(collect({everything()})), page));
  return write_html(compare_document(ZC_TRY(compared())), compared_page);
}

}  // namespace
}  // namespace zc::bench

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  const auto status = zc::bench::write_pages(argv[1], argv[2]);
  if (status) return 0;
  std::fprintf(stderr, "%s\n", status.error().message.c_str());
  return status.error().kind == zc::ErrorKind::kUnsupported ? 77 : 1;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
