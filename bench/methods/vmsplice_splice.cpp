// SPDX-License-Identifier: GPL-2.0-only
// vmsplice_splice: today's rival, as old as paper 002: the header is lent to a pipe, the payload
// moved into it from the page cache, and both moved on into the socket as one datagram.
// n packets: 0 copies, 6n switches, n vmsplice and 2n splice.
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/fd.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

// The headers are lent until the packets have left; more than a far end lets be on their way.
constexpr size_t kHeaders = 4096;

void send(Job& job) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return job.kernel().fail(std::string("pipe: ") + std::strerror(errno));
  const Fd out(ends[0]), in(ends[1]);
  const auto headers = std::make_shared<std::vector<zc_rtp_header>>(kHeaders);
  job.keep(headers);
  while (const Part part = job.next()) {
    zc_rtp_header& header = (*headers)[part.first % kHeaders];
    header = job.header(part.first);
    job.kernel().vmsplice(in.get(), {&header, sizeof(header)});
    job.kernel().splice_in(job.stream().file, part.offset, in.get(), part.bytes);
    job.kernel().splice_out(out.get(), job.socket(), sizeof(header) + part.bytes);
  }
}

}  // namespace

const Method vmsplice_splice{
    .name = "vmsplice_splice", .suites = kRivals, .rtp = Rtp::kApplication, .send = send};

}  // namespace zc::bench
