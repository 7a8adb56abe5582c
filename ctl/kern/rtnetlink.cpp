// SPDX-License-Identifier: GPL-2.0-only
#include "rtnetlink.h"

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

namespace zc::kern {
namespace {

using Socket = std::unique_ptr<mnl_socket, int (*)(mnl_socket*)>;

Result<Socket> open_route_socket() {
  Socket socket(mnl_socket_open(NETLINK_ROUTE), mnl_socket_close);
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return system_error(errno, "cannot open an rtnetlink socket");
  return socket;
}

int deliver(const nlmsghdr* message, void* data) {
  (*static_cast<OnMessage*>(data))(message);
  return MNL_CB_OK;
}

// One try of the below.
Status dump_once(nlmsghdr* request, OnMessage on_message) {
  const Socket socket = ZC_TRY(open_route_socket());
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request->nlmsg_seq = 1;
  if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0)
    return system_error(errno, "rtnetlink request");
  std::array<char, 32768> buffer{};  // the kernel's dump buffer is as large
  while (true) {
    const ssize_t length = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (length < 0) return system_error(errno, "rtnetlink answer");
    const int more = mnl_cb_run(buffer.data(), static_cast<size_t>(length), 1,
                                mnl_socket_get_portid(socket.get()), deliver, &on_message);
    if (more < 0) return system_error(errno, "rtnetlink answer");
    if (more == MNL_CB_STOP) return ok();
  }
}

int deliver_attribute(const nlattr* attribute, void* data) {
  (*static_cast<OnAttribute*>(data))(attribute);
  return MNL_CB_OK;
}

}  // namespace

Status dump(nlmsghdr* request, const OnMessage& on_message) {
  constexpr int kTries = 10;  // a dump during which something changed comes back as EINTR
  std::vector<std::string> messages;
  for (int tries = 1;; tries++) {
    messages.clear();
    Status done = dump_once(request, [&](const nlmsghdr* message) {
      messages.emplace_back(reinterpret_cast<const char*>(message), message->nlmsg_len);
    });
    if (done) break;
    if (done.error().system_errno != EINTR || tries == kTries) return done;
  }
  for (const std::string& message : messages)
    on_message(reinterpret_cast<const nlmsghdr*>(message.data()));
  return ok();
}

Status ask(nlmsghdr* request, const std::string& what, const OnMessage& on_message) {
  const Socket socket = ZC_TRY(open_route_socket());
  request->nlmsg_flags = NLM_F_REQUEST;
  request->nlmsg_seq = 1;
  if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0)
    return system_error(errno, what);
  std::array<char, 8192> buffer{};
  const ssize_t length = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
  OnMessage deliver_to = on_message;
  if (length < 0 || mnl_cb_run(buffer.data(), static_cast<size_t>(length), 1,
                               mnl_socket_get_portid(socket.get()), deliver, &deliver_to) < 0)
    return system_error(errno, what);
  return ok();
}

Status transact(nlmsghdr* request, const std::string& what) {
  const Socket socket = ZC_TRY(open_route_socket());
  request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
  request->nlmsg_seq = 1;
  if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0)
    return system_error(errno, what);
  std::array<char, 8192> buffer{};
  const ssize_t length = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
  if (length < 0 || mnl_cb_run(buffer.data(), static_cast<size_t>(length), 1,
                               mnl_socket_get_portid(socket.get()), nullptr, nullptr) < 0)
    return system_error(errno, what);
  return ok();
}

// libmnl's own loop macros are C: they convert void* in silence.
void for_each_attribute(const nlmsghdr* message, unsigned header_bytes, OnAttribute on_attribute) {
  mnl_attr_parse(message, header_bytes, deliver_attribute, &on_attribute);
}
void for_each_nested(const nlattr* attribute, OnAttribute on_attribute) {
  mnl_attr_parse_nested(attribute, deliver_attribute, &on_attribute);
}

}  // namespace zc::kern
