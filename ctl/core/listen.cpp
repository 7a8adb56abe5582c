// SPDX-License-Identifier: GPL-2.0-only
#include "core/listen.h"

#include <random>

#include "base/number.h"

namespace zc::core {
namespace {

using Kind = api::TestEvent::Kind;

Line refused(const std::string& why) {
  return Line{"refused"}.add_text("why", why);
}

uint64_t random_word() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

Result<ListenRequest> parse_listen(const std::string& text) {
  ListenRequest request;
  if (text.empty()) return request;
  if (text.starts_with(':')) {
    request.port =
        static_cast<uint16_t>(ZC_TRY(parse_number(text.substr(1), 1, 65535, "--listen: the port")));
    return request;
  }
  Endpoint at = ZC_TRY(parse_endpoint(text, PortRule::kOptional, "--listen"));
  if (at.is_multicast())
    return usage_error("--listen: " + at.address_text() + " is a group",
                       "give an address of this host, or none");
  if (at.port != 0) request.port = at.port;
  at.port = 0;
  request.at = at;
  return request;
}

void Listening::join(const api::TestEvent& event, Time now, std::vector<Reply>& replies) {
  if (sessions_.size() >= kMostSessions) {
    replies.push_back({event.session, refused("busy").text(), true});
    return;
  }
  Session& session = sessions_[event.session];
  session.report.peer = event.text;
  session.heard = now;
}

Listening::Reply Listening::begin_test(Session& session, const Line& line, uint32_t id,
                                       uint64_t missed) {
  const auto test = read_test(line);
  if (session.token == 0 || !test) return {id, refused("no-such-test").text(), true};
  session.test.emplace(*test);
  session.done = false;
  session.missed_before = missed;
  session.report.tests++;
  session.report.announced += test->packets;
  return {id, Line{"ready"}.add("number", test->number).text()};
}

Listening::Reply Listening::answer(Session& session, const api::TestEvent& event, uint64_t missed) {
  const auto line = parse_line(event.text);
  if (!line) return {event.session, refused("not-understood").text(), true};
  if (line->word == "hello" && line->number("version", UINT64_MAX)) {
    if (line->number("version", UINT64_MAX) != kDialogueVersion)
      return {event.session, refused("other-version").text(), true};
    while (session.token == 0)
      session.token = random_();
    return {event.session,
            Line{"welcome"}.add("version", kDialogueVersion).add("token", session.token).text()};
  }
  if (line->word == "test") return begin_test(session, *line, event.session, missed);
  if (line->word == "done" && session.test) {
    session.done = true;
    return {event.session};
  }
  return {event.session, refused("not-understood").text(), true};
}

void Listening::take_packet(const api::TestEvent& event, Time now) {
  const auto datagram = read_datagram(event.packet, event.unfinished);
  const auto offset = datagram ? find_test_payload(datagram->payload) : std::nullopt;
  Session* session =
      offset ? find_by_token(read_token(datagram->payload.subspan(*offset))) : nullptr;
  if (!session) {
    foreign_++;
    return;
  }
  session->test->take(*datagram, *offset);
  session->arrived = now;
}

// One that has a test under way.
Listening::Session* Listening::find_by_token(std::optional<uint64_t> token) {
  for (auto& [id, session] : sessions_) {
    if (session.test && session.token == token) return &session;
  }
  return nullptr;
}

void Listening::leave(uint32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  if (found->second.report.tests > 0) ended_.push_back(found->second.report);
  sessions_.erase(found);
}

// What time brings: tallies that are due, and sessions that nobody hears of any more.
void Listening::look_around(Time now, uint64_t missed, std::vector<Reply>& replies) {
  for (auto& [id, session] : sessions_) {
    const bool over = session.done && (session.test->complete() ||
                                       now - std::max(session.arrived, session.heard) >= kQuiet);
    if (over) {
      Tally tally = session.test->tally();
      tally.missed = missed - session.missed_before;
      session.report.arrived += tally.arrived;
      session.report.right += tally.right;
      replies.push_back({id, to_line(session.test->test().number, tally).text()});
      session.test.reset();
      session.done = false;
      session.heard = now;
    } else if (now - session.heard >= kPatience) {
      replies.push_back({id, refused("silence").text(), true});
    }
  }
}

std::vector<Listening::Reply> Listening::on(const api::TestEvent& event, Time now,
                                            uint64_t missed) {
  std::vector<Reply> replies;
  const auto session = sessions_.find(event.session);
  if (event.kind == Kind::kJoined) join(event, now, replies);
  if (event.kind == Kind::kPacket) take_packet(event, now);
  if (event.kind == Kind::kLeft) leave(event.session);
  if (event.kind == Kind::kLine && session != sessions_.end()) {
    session->second.heard = now;
    replies.push_back(answer(session->second, event, missed));
  }
  look_around(now, missed, replies);
  for (const Reply& reply : replies) {
    if (reply.hang_up) leave(reply.session);
  }
  return replies;
}

void Listening::stop() {
  while (!sessions_.empty()) {
    const uint32_t id = sessions_.begin()->first;
    leave(id);
  }
}

std::vector<SessionReport> Listening::take_ended() {
  return std::exchange(ended_, {});
}

Result<ListenReport> listen(api::TestNet& net, const ListenRequest& request,
                            const std::function<Status()>& ready,
                            const std::function<Status(const SessionReport&)>& ended) {
  const auto listener = ZC_TRY(net.listen(request.at, request.port));
  Listening listening(random_word);
  ZC_TRY(ready());
  uint64_t missed = 0;
  for (bool stop = false; !stop;) {
    const api::TestEvent event = ZC_TRY(listener->wait(std::chrono::milliseconds(50)));
    if (event.kind != Kind::kPacket) missed = listener->missed();  // two system calls
    for (const auto& reply : listening.on(event, std::chrono::steady_clock::now(), missed)) {
      if (!reply.line.empty()) listener->say(reply.session, reply.line);
      if (reply.hang_up) listener->hang_up(reply.session);
    }
    stop = event.kind == Kind::kStop;
    if (stop) listening.stop();
    const auto sessions = listening.take_ended();
    for (const SessionReport& session : sessions) {
      ZC_TRY(ended(session));
      stop = stop || request.once;
    }
  }
  return ListenReport{listening.foreign()};
}

}  // namespace zc::core
