// SPDX-License-Identifier: GPL-2.0-only
// Who sends to a destination: connected UDP sockets of all processes, in all network namespaces
// that can be entered. Changes none; setting one is sockets.h.
#pragma once

#include "api/socket.h"
#include "base/address.h"
#include "base/result.h"

namespace zc::kern {

Result<api::AppSockets> find_app_sockets(const Endpoint& to);

}  // namespace zc::kern
