// The table of drivers and where their devices put a checksum. docs/checksums.md has the sources.
#include <algorithm>
#include <array>
#include <string_view>

#include "kern/device.h"

namespace zc::kern {
namespace {

struct Entry {
  std::string_view driver;
  CsumStart csum_start;
};

constexpr std::array kDrivers{
    Entry{"virtio_net", CsumStart::kFollowed}, Entry{"veth", CsumStart::kFollowed},
    Entry{"tun", CsumStart::kFollowed},        Entry{"ifb", CsumStart::kFollowed},
    Entry{"loopback", CsumStart::kFollowed},
};

}  // namespace

CsumStart driver_csum_start(const std::string& driver) {
  const auto found = std::find_if(kDrivers.begin(), kDrivers.end(),
                                  [&](const Entry& entry) { return entry.driver == driver; });
  return found == kDrivers.end() ? CsumStart::kUnknown : found->csum_start;
}

}  // namespace zc::kern
