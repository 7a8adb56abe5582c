// SPDX-License-Identifier: GPL-2.0-only
#include "papers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace zc::bench {
namespace {

// TCP's rows are those of its Figure 3(b).
constexpr std::array<PaperMethod, 9> kDownload{{
    {"read_write", "read_write", false, "2n", "4n", "n read, n write"},
    {"mmap_send", "mmap_send", false, "n", "2+2n", "1 mmap, n send"},
    {"sendfile_bare", "sendfile (UDP)", false, "0", "2n", "n sendfile"},
    {"mmap_msend", "mmap_msend", true, "0", "2+2n", "1 mmap, n msend"},
    {"kmsend", "kmsend", true, "0", "2", "1 kmsend"},
    {"sendfile_segment_bare", "ksendfile", true, "0", "2", "1 ksendfile"},
    {"read_write_tcp", "read_write", false, "2n", "4n", "n read, n write"},
    {"mmap_send_tcp", "mmap_send", false, "n", "2+2n", "1 mmap, n send"},
    {"sendfile_tcp", "sendfile (TCP)", false, "0", "2", "1 sendfile"},
}};

constexpr std::array<PaperMethod, 10> kStreaming{{
    {"read_send_rtp", "read_send_rtp", false, "2n", "4n", "n read, n send"},
    {"read_writev", "read_writev", false, "3n", "4n", "n read, n writev"},
    {"mmap_send_rtp", "mmap_send_rtp", false, "2n", "2+8n", "1 mmap, n cork, 2n send, n uncork"},
    {"mmap_writev", "mmap_writev", false, "2n", "2+2n", "1 mmap, n writev"},
    {"rtp_sendfile", "rtp_sendfile", false, "n", "8n", "n cork, n send, n sendfile, n uncork"},
    {"mmap_rtpmsend", "mmap_rtpmsend", true, "n", "2+2n", "1 mmap, n rtpmsend"},
    {"mmap_send_msend", "mmap_send_msend", true, "n", "2+8n",
     "1 mmap, n cork, n send, n msend, n uncork"},
    {"rtpsendfile", "rtpsendfile", true, "n", "2n", "n rtpsendfile"},
    {"krtpsendfile", "krtpsendfile", true, "0", "2", "1 krtpsendfile"},
    {"krtpmsend", "krtpmsend", true, "0", "2", "1 krtpmsend"},
}};

// The last row of "mmap and send" has no symbol in our copy of the paper.
constexpr std::array<PaperProfile, 15> kProfile{{
    {"read and send", 19.4150, "vmlinux", "__copy_from_user_ll"},
    {"read and send", 18.4450, "vmlinux", "__copy_to_user_ll"},
    {"read and send", 8.1388, "reiserfs.ko", "search_by_key"},
    {"read and send", 3.4859, "vmlinux", "sysenter_past_esp"},
    {"read and send", 3.1828, "vmlinux", "ip_push_pending_frames"},
    {"mmap and send", 38.7082, "vmlinux", "__copy_from_user_ll"},
    {"mmap and send", 6.3097, "reiserfs.ko", "search_by_key"},
    {"mmap and send", 5.6235, "vmlinux", "do_page_fault"},
    {"mmap and send", 2.6104, "vmlinux", "ip_append_data"},
    {"mmap and send", 2.5656, "vmlinux", "ide_outb"},
    {"sendfile", 13.5482, "vmlinux", "skb_copy_bits"},
    {"sendfile", 5.8533, "reiserfs.ko", "search_by_key"},
    {"sendfile", 5.5903, "vmlinux", "ip_append_data"},
    {"sendfile", 5.4258, "vmlinux", "ip_push_pending_frames"},
    {"sendfile", 4.0776, "vmlinux", "__kmalloc"},
}};

constexpr std::array<PaperTime, 25> kTimes{{
    {SuiteId::kDownload, Transport::kUdp, "read/send", "read_write", 512, 8.714675, 11.537200},
    {SuiteId::kDownload, Transport::kUdp, "read/send", "read_write", 1024, 5.844012, 7.357300},
    {SuiteId::kDownload, Transport::kUdp, "read/send", "read_write", 2048, 8.144362, 5.499400},
    {SuiteId::kDownload, Transport::kUdp, "mmap/send", "mmap_send", 512, 9.399971, 11.038000},
    {SuiteId::kDownload, Transport::kUdp, "mmap/send", "mmap_send", 1024, 7.139615, 7.579700},
    {SuiteId::kDownload, Transport::kUdp, "mmap/send", "mmap_send", 2048, 6.536707, 7.431000},
    {SuiteId::kDownload, Transport::kUdp, "sendfile", "sendfile_bare", 512, 6.052180, 9.030200},
    {SuiteId::kDownload, Transport::kUdp, "sendfile", "sendfile_bare", 1024, 3.951599, 6.358000},
    {SuiteId::kDownload, Transport::kUdp, "sendfile", "sendfile_bare", 2048, 5.736328, 5.331400},
    {SuiteId::kStreaming, Transport::kUdp, "read/send", "read_send_rtp", 512, 8.742471, 10.918800},
    {SuiteId::kStreaming, Transport::kUdp, "read/send", "read_send_rtp", 1024, 6.271547, 7.439200},
    {SuiteId::kStreaming, Transport::kUdp, "read/send", "read_send_rtp", 2048, 7.825210, 5.336900},
    {SuiteId::kStreaming, Transport::kUdp, "read/writev", "read_writev", 512, 9.351078, 11.135600},
    {SuiteId::kStreaming, Transport::kUdp, "read/writev", "read_writev", 1024, 6.622893, 7.361700},
    {SuiteId::kStreaming, Transport::kUdp, "read/writev", "read_writev", 2048, 7.602744, 5.552400},
    {SuiteId::kStreaming, Transport::kUdp, "sendfile", "rtp_sendfile", 512, 9.064322, 13.342500},
    {SuiteId::kStreaming, Transport::kUdp, "sendfile", "rtp_sendfile", 1024, 8.005983, 7.638400},
    {SuiteId::kStreaming, Transport::kUdp, "sendfile", "rtp_sendfile", 2048, 7.312389, 6.900000},
    {SuiteId::kDownload, Transport::kTcp, "read/send", "read_write_tcp", 512, 7.105820, 10.310800},
    {SuiteId::kDownload, Transport::kTcp, "read/send", "read_write_tcp", 1024, 5.978091, 7.733400},
    {SuiteId::kDownload, Transport::kTcp, "read/send", "read_write_tcp", 2048, 5.504263, 6.509300},
    {SuiteId::kDownload, Transport::kTcp, "mmap/send", "mmap_send_tcp", 512, 7.986786, 10.225300},
    {SuiteId::kDownload, Transport::kTcp, "mmap/send", "mmap_send_tcp", 1024, 7.827110, 8.615400},
    {SuiteId::kDownload, Transport::kTcp, "mmap/send", "mmap_send_tcp", 2048, 7.640939, 8.175900},
    {SuiteId::kDownload, Transport::kTcp, "sendfile", "sendfile_tcp", kWholeFile, 1.044841,
     1.308400},
}};

constexpr std::array<PaperSaving, 6> kSavings{{
    {"krtpsendfile", "rtp_sendfile", 27, false, "section 5, abstract"},
    {"rtpsendfile", "rtp_sendfile", 10, true, "section 5"},
    {"krtpmsend", "read_send_rtp", 36, false, "section 5"},
    {"mmap_rtpmsend", "read_send_rtp", 24, false, "section 5"},
    {"rtp_sendfile", "sendfile_bare", -21, false, "section 4.4: to sendfile (UDP)"},
    {"rtp_sendfile", "sendfile_segment_bare", -29, false, "section 4.4: to ksendfile"},
}};

constexpr std::array<PaperThroughput, 2> kThroughputs{{
    {"rtp_sendfile", 1.55},
    {"krtpsendfile", 2.12},
}};

double seconds_of(std::string_view method, unsigned bytes) {
  const auto* const found = std::find_if(kTimes.begin(), kTimes.end(), [&](const PaperTime& time) {
    return time.method == method && is_of_size(time, bytes);
  });
  return found == kTimes.end() ? 0 : found->linux_2_6_5_s;
}

}  // namespace

bool is_of_size(const PaperTime& time, unsigned payload_bytes) {
  return time.send_bytes == payload_bytes || time.send_bytes == kWholeFile;
}

std::span<const PaperMethod> paper_download() {
  return kDownload;
}

std::span<const PaperMethod> paper_streaming() {
  return kStreaming;
}

const PaperMethod* find_paper_method(std::span<const PaperMethod> list, std::string_view method) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const PaperMethod& one) { return one.method == method; });
  return found == list.end() ? nullptr : &*found;
}

std::span<const PaperProfile> paper_profile() {
  return kProfile;
}

std::span<const PaperTime> paper_times() {
  return kTimes;
}

double paper_ratio(std::string_view method, std::string_view to, unsigned bytes) {
  const double one = seconds_of(method, bytes);
  const double other = seconds_of(to, bytes);
  return other == 0 ? 0 : one / other;
}

std::span<const PaperSaving> paper_savings() {
  return kSavings;
}

std::span<const PaperThroughput> paper_throughputs() {
  return kThroughputs;
}

}  // namespace zc::bench
