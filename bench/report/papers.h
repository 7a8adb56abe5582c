// SPDX-License-Identifier: GPL-2.0-only
// What the two papers say, and nothing else: the only place with figures that were not measured
// here. Quoted from their text and tables; their plots have no numbers.
#pragma once

#include <span>
#include <string_view>

#include "results/kinds.h"

namespace zc::bench {

inline constexpr const char* kPaper002 =
    "P. Halvorsen, T. A. Dalseng, C. Griwodz: Assessment of Linux' Data Path Implementations for "
    "Download and Streaming (paper 002; Linux 2.6.5, Pentium 4 at 1.70 GHz)";
inline constexpr const char* kPaper000 =
    "K.-A. Skevik, T. Plagemann, V. Goebel, P. Halvorsen: Evaluation of a Zero-Copy Protocol "
    "Implementation (paper 000; OpenBSD, Pentium II at 350 MHz)";

// A row of Table 3 or 4, and whose bar it is in Figures 3 and 4.
struct PaperMethod {
  const char* method;  // of bench/methods
  const char* name;    // there
  bool enhanced;       // a new system call there: Figure 4(b)
  const char* copies;  // n: packets
  const char* switches;
  const char* calls;
};
std::span<const PaperMethod> paper_download();   // Table 3, Figure 3
std::span<const PaperMethod> paper_streaming();  // Table 4, Figures 4 and 5
// nullptr where it is not in the list.
const PaperMethod* find_paper_method(std::span<const PaperMethod> list, std::string_view method);

// Table 1.
struct PaperProfile {
  const char* method;
  double percent;
  const char* image;
  const char* symbol;
};
std::span<const PaperProfile> paper_profile();

// Table 2: CPU seconds to send 1 GB, of what is measured here too.
inline constexpr unsigned kWholeFile = 0;  // one call for all, as sendfile_tcp does at every size
struct PaperTime {
  SuiteId suite;
  Transport transport;
  const char* operation;  // there
  const char* method;     // of bench/methods
  unsigned send_bytes;    // or kWholeFile
  double linux_2_6_5_s;
  double linux_2_4_21_s;
};
std::span<const PaperTime> paper_times();
bool is_of_size(const PaperTime& time, unsigned payload_bytes);
// One method's time to another's on 2.6.5, at that size; 0: the paper has none.
double paper_ratio(std::string_view method, std::string_view to, unsigned bytes);

// "method needs so much less CPU time than another", at MTU-sized packets.
struct PaperSaving {
  const char* method;
  const char* against;
  double percent;  // negative: more
  bool at_least;
  const char* where;
};
std::span<const PaperSaving> paper_savings();

// Section 6: what one CPU of theirs could send.
struct PaperThroughput {
  const char* method;
  double gbit_per_s;
};
std::span<const PaperThroughput> paper_throughputs();

inline constexpr double kPaperSyscallNs = 920;      // paper 002, section 2.2: getpid
inline constexpr double kPaperLoanPercent = 45.64;  // paper 000, Figure 4: more throughput
inline constexpr unsigned kPaperLoanBytes = 8192;   // at 8 KB
inline constexpr unsigned kPaperLoanFrom = 4096;    // Figure 2: from here on a loan is faster

}  // namespace zc::bench
