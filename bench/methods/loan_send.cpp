// SPDX-License-Identifier: GPL-2.0-only
// loan_send: paper 000, "data copy": send() from the application's memory, a datagram a call. Its
// time is the paper's t_tot, of which t_1 goes to the copy (copy_only) and t_2 to the rest. The
// memory is the file, mapped and touched before: no page faults in the figure.
// n packets: n copies, 2n switches, n send.
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  while (const Part part = job.next())
    job.kernel().send(job.socket(), job.premapped(part.offset), part.bytes);
}

}  // namespace

const Method loan_send{
    .name = "loan_send", .paper = "data copy: send()", .suites = kLoan, .send = send};

}  // namespace zc::bench
