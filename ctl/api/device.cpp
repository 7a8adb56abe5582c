// SPDX-License-Identifier: GPL-2.0-only
#include "api/device.h"

#include <net/if_arp.h>

#include "zc/room.h"

namespace zc::api {

Result<uint32_t> l2_header_bytes(const Device& device) {
  switch (device.link_type) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      return ZC_ETHERNET_BYTES;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
      return 0U;
    default:
      return unsupported_error(device.name + " has link type " + std::to_string(device.link_type) +
                                   ", zcctl knows Ethernet, loopback and bare IP",
                               "attach to the device below it");
  }
}

}  // namespace zc::api
