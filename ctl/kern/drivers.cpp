// SPDX-License-Identifier: GPL-2.0-only
#include "kern/drivers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace zc::kern {
namespace {

using api::CsumOffload;

struct Entry {
  std::string_view driver;
  CsumOffload csum;
};

// A driver is listed where its source settles the question (docs/checksums.md). Left out, so that
// `auto` stays safe: names of several kinds of hardware, drivers that tell the hardware where a
// header lies and whose hardware may drop what it finds different (i40e, ice), and virtio_net,
// which hands the request to a host whose NIC nobody here can see.
constexpr std::array kDrivers{
    Entry{"loopback", CsumOffload::kFollows},  // computes nothing: the receiver trusts the packet
    Entry{"tun", CsumOffload::kFollows},       // the reader is told csum_start (virtio_net_hdr)
    Entry{"e1000", CsumOffload::kFollows},     // e1000_tx_csum: tucss, tucso
    Entry{"mlx4_en", CsumOffload::kParses},    // flags only, as all that follow
    Entry{"mlx5_core", CsumOffload::kParses}, Entry{"bnxt_en", CsumOffload::kParses},
    Entry{"tg3", CsumOffload::kParses},       Entry{"qede", CsumOffload::kParses},
    Entry{"st_gmac", CsumOffload::kParses},   Entry{"st_xgmac", CsumOffload::kParses},
    Entry{"st_mac100", CsumOffload::kParses}, Entry{"veth", CsumOffload::kHandsOn},
    Entry{"ifb", CsumOffload::kHandsOn},
};

}  // namespace

api::CsumOffload driver_csum_offload(const std::string& driver) {
  const auto found = std::find_if(kDrivers.begin(), kDrivers.end(),
                                  [&](const Entry& entry) { return entry.driver == driver; });
  return found == kDrivers.end() ? CsumOffload::kUnknown : found->csum;
}

}  // namespace zc::kern
