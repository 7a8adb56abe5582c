// SPDX-License-Identifier: GPL-2.0-only
// The agent: finds the streams that are to be reported, keeps a Reporter of each, and takes in what
// receivers answer. Asks an AgentNet; changes no rule and no stream, and prints nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/rtcp.h"
#include "core/rtcp/reporter.h"

namespace zc::core::rtcp {

struct AgentRequest {
  std::vector<std::string> devs;        // empty: all
  std::optional<uint32_t> idle_s = {};  // of rules that do not say
  std::string cname = {};               // where the tables have none
  // What an operator should know, and what helps; each once.
  std::function<void(const std::string& text, const std::string& hint)> warn = {};
  // Frees streams that are silent for too long, if that can be done at once.
  std::function<Status()> free_idle = {};
};

// Names of figures; those of flaws and of errno follow theirs.
using Figures = std::map<std::string, uint64_t>;

class Agent {
 public:
  static constexpr uint64_t kLookNs = 1'000'000'000;     // for new rules, streams and devices
  static constexpr uint64_t kTickNs = 200'000'000;       // for what is due, at each stream
  static constexpr uint64_t kForgetNs = 60'000'000'000;  // receivers, without a report
  // Receivers of one stream: one address has few, a group many.
  static constexpr uint32_t kMostReceivers = 16, kMostGroupReceivers = 4096;

  Agent(api::AgentNet& net, AgentRequest request, uint32_t seed);

  // Does what is due now; says when to come again.
  uint64_t turn();
  void take(const api::ReportEvent& event);
  // Says BYE for all streams.
  void stop();

  size_t streams() const { return streams_.size(); }
  Figures figures() const;
  std::string status() const;  // one line for people

 private:
  using Key = uint64_t;  // device and slot

  struct Stream {
    Reporter reporter;
    api::ReportPath path;
    uint32_t handle;  // of the path
    uint32_t seen;    // the look that saw it last
  };
  struct KeyOrder {
    bool operator()(const zc_receiver_key& one, const zc_receiver_key& other) const;
  };
  struct Receiver {
    zc_receiver value;
    Key stream;
  };
  struct Device {
    std::string name;
    std::string cname;
    std::unique_ptr<api::AgentTables> tables;  // none: they cannot be read now
    std::unordered_map<uint32_t, ReportRule> rules;
    std::set<Endpoint> destinations;  // of all rules
    std::map<zc_receiver_key, Receiver, KeyOrder> receivers;
    uint32_t seen = 0;
  };

  // agent.cpp
  void look(uint64_t now_ns);
  bool is_wanted(const std::string& dev) const;
  void look_at(const api::PinnedDevice& pins, uint64_t now_ns);
  Status read_rules(Device& device);
  Status read_streams(Device& device, uint32_t ifindex, uint64_t now_ns);
  void meet(Device& device, uint32_t ifindex, const api::StreamPlace& place, uint64_t now_ns);
  void go_on(Stream& known, const ReportRule& rule, const api::ReportPath& path,
             const zc_stream& stream, uint64_t now_ns);
  std::optional<api::ReportPath> path_of(const api::StreamPlace& place, const zc_stream& stream,
                                         uint32_t ifindex, const ReportRule& rule);
  bool is_some_rules(const Endpoint& destination) const;
  bool has_gone(Key key, const Stream& stream);
  void forget_unseen();
  void end(Key key);
  void tick(const api::Clocks& now);
  void notice_clock_step(const api::Clocks& now);
  void say(Stream& stream, const Device& device, Reporter::Say what);
  void send(const Stream& stream);
  Device* device_of(Key key);
  void warn_once(const std::string& key, const std::string& text, const std::string& hint = {});
  void count(const std::string& what, uint64_t more = 1) { figures_[what] += more; }
  double chance() { return chance_(random_); }

  // receivers.cpp
  bool is_malformed(const api::ReportEvent& event);
  bool is_own() const;
  void take_block(const ReportBlock& block, const api::ReportEvent& event);
  void note_receiver(Key key, Stream& stream, const ReportBlock& block, const Endpoint& from);
  void take_bye(uint32_t reporter, const Endpoint& from);
  using ReceiverPlace = std::map<zc_receiver_key, Receiver, KeyOrder>::iterator;
  ReceiverPlace remove_receiver(uint32_t ifindex, Device& device, ReceiverPlace place);
  void forget_old_receivers(uint32_t ifindex, Device& device, uint64_t now_ns);
  void forget_receivers_of(Key key);
  void clear_receivers(Device& device);

  api::AgentNet& net_;
  AgentRequest request_;
  std::mt19937 random_;
  std::uniform_real_distribution<double> chance_{0.0, 1.0};
  std::unordered_map<uint32_t, Device> devices_;  // by ifindex
  std::unordered_map<Key, Stream> streams_;
  std::unordered_multimap<uint32_t, Key> by_ssrc_;
  std::unordered_multimap<uint32_t, std::pair<uint32_t, zc_receiver_key>> by_reporter_;  // ifindex
  uint32_t looks_ = 0;
  uint64_t next_look_ns_ = 0, next_tick_ns_ = 0;
  uint64_t boot_ns_ = 0;     // CLOCK_REALTIME when CLOCK_MONOTONIC was 0; 0: not looked at
  bool idle_found_ = false;  // a stream has been silent for longer than its rule allows
  Figures figures_;
  std::set<std::string> warned_;
  Bytes packet_;
  Compound compound_;
};

// Until SIGINT, SIGTERM or SIGHUP.
Status run_agent(api::AgentNet& net, const AgentRequest& request);

}  // namespace zc::core::rtcp
