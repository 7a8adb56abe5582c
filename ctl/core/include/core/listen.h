// SPDX-License-Identifier: GPL-2.0-only
// The listening end of `probe --verify`: who joins, what he announces, what arrives of it. Bounded
// in memory and time, whatever comes; sends nothing of its own accord.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/verify.h"
#include "base/result.h"
#include "core/arrivals.h"
#include "core/dialogue.h"

namespace zc::core {

constexpr uint16_t kVerifyPort = 47000;  // of no registered service (IANA: unassigned)

struct ListenRequest {
  std::optional<Endpoint> at;  // without a port; nothing: all addresses
  uint16_t port = kVerifyPort;
  bool once = false;  // ends when the first session that tested something has ended
};
// "", "ADDR", "ADDR:PORT" or ":PORT". kUsage.
Result<ListenRequest> parse_listen(const std::string& text);

// A session that has ended.
struct SessionReport {
  std::string peer;  // "10.0.0.1:50000"
  uint32_t tests = 0;
  uint64_t announced = 0, arrived = 0, right = 0;  // packets
};

// The sessions. Pure: events in, replies out.
class Listening {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr size_t kMostSessions = 16;
  static constexpr std::chrono::milliseconds kQuiet{300};       // then nothing more is expected
  static constexpr std::chrono::milliseconds kPatience{30000};  // with who says nothing

  struct Reply {
    uint32_t session = 0;
    std::string line{};    // empty: nothing to say
    bool hang_up = false;  // after it
  };

  explicit Listening(std::function<uint64_t()> random) : random_(std::move(random)) {}

  // `missed`: TestListener::missed() as it is now.
  std::vector<Reply> on(const api::TestEvent& event, Time now, uint64_t missed);
  // Ends all sessions.
  void stop();
  // Those that ended since it was asked last.
  std::vector<SessionReport> take_ended();
  // Packets to the port that no session knows.
  uint64_t foreign() const { return foreign_; }

 private:
  struct Session {
    uint64_t token = 0;  // 0: has not said hello
    SessionReport report{};
    std::optional<Arrivals> test{};
    bool done = false;  // its sender has said so: the tally is due when nothing more comes
    uint64_t missed_before = 0;
    Time heard{}, arrived{};
  };

  void join(const api::TestEvent& event, Time now, std::vector<Reply>& replies);
  Reply answer(Session& session, const api::TestEvent& event, uint64_t missed);
  Reply begin_test(Session& session, const Line& line, uint32_t id, uint64_t missed);
  void take_packet(const api::TestEvent& event, Time now);
  Session* find_by_token(std::optional<uint64_t> token);
  void leave(uint32_t id);
  void look_around(Time now, uint64_t missed, std::vector<Reply>& replies);

  std::function<uint64_t()> random_;
  std::map<uint32_t, Session> sessions_;
  std::vector<SessionReport> ended_;
  uint64_t foreign_ = 0;
};

struct ListenReport {
  uint64_t foreign = 0;
};
// Until SIGINT or SIGTERM, or once. `ended` is told of each session that tested something.
Result<ListenReport> listen(api::TestNet& net, const ListenRequest& request,
                            const std::function<Status()>& ready,
                            const std::function<Status(const SessionReport&)>& ended);

}  // namespace zc::core
