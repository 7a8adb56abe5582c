// SPDX-License-Identifier: GPL-2.0-only
// How one talks with rtnetlink through libmnl. Knows no message: what is asked is in netlink.cpp
// (links, qdiscs) and route.cpp.
#pragma once

#include <libmnl/libmnl.h>

#include <functional>
#include <string>

#include "base/result.h"

namespace zc::kern {

using OnMessage = std::function<void(const nlmsghdr*)>;
using OnAttribute = std::function<void(const nlattr*)>;

// Sends a dump request and calls `on_message` for each part of the answer, once it is complete.
Status dump(nlmsghdr* request, const OnMessage& on_message);
// Sends a request that has one answer. The kernel's refusal is the error, with its errno.
Status ask(nlmsghdr* request, const std::string& what, const OnMessage& on_message);
// Sends a request that changes something, and waits for the kernel's yes or no.
Status transact(nlmsghdr* request, const std::string& what);

void for_each_attribute(const nlmsghdr* message, unsigned header_bytes, OnAttribute on_attribute);
void for_each_nested(const nlattr* attribute, OnAttribute on_attribute);

}  // namespace zc::kern
