// SPDX-License-Identifier: GPL-2.0-only
// An sk_msg program of two instructions, that lets every message of a TCP socket pass: what a
// program there costs before it does anything, one copy more than plain sendfile since Linux 6.5.
#pragma once

#include <string>

#include "base/fd.h"

namespace zc::bench {

std::string pass_only_missing();  // as in needs.h

class PassOnly {
 public:
  // For a connected socket, as long as this lives. What fails is in `why`.
  explicit PassOnly(int socket);
  const std::string& why() const { return why_; }

 private:
  Fd program_, sockets_;
  std::string why_;
};

}  // namespace zc::bench
