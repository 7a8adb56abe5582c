// SPDX-License-Identifier: GPL-2.0-only
// soak: hundreds of streams through one device for as long as asked, every frame judged, every
// count compared, memory and kernel log watched. Exit 0: nothing was wrong; 1: something was; 77:
// cannot run.
#include <cstdio>
#include <exception>

#include "soak/soak.h"
#include "support/sandbox.h"

int main(int argc, char** argv) {
  try {
    const auto options = zc::test::parse_options(argc, argv);
    if (!options) return 2;
    zc::test::Missing missing = zc::test::enter_sandbox();
    if (!missing) missing = zc::test::missing_tap();
    if (missing) {
      std::fprintf(stderr, "soak: %s\n", missing->c_str());
      return zc::test::kExitSkipped;
    }
    zc::test::Soak soak(*options);
    return soak.run() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "soak: %s\n", error.what());
    return 1;
  }
}
