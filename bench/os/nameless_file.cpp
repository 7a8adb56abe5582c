// SPDX-License-Identifier: GPL-2.0-only
#include "os/nameless_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace zc::bench {

Result<Fd> open_nameless() {
  const char* const chosen = std::getenv("TMPDIR");
  const std::string directory = chosen == nullptr ? "/var/tmp" : chosen;
  Fd fd(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) {
    Error error = system_error(errno, "cannot make a file in " + directory);
    error.hint = "TMPDIR chooses another directory";
    return error;
  }
  return fd;
}

}  // namespace zc::bench
