// SPDX-License-Identifier: GPL-2.0-only
// A TCP socket with the program at it, as Linux has it from 6.5 on: net/ipv4/tcp_bpf.c
// (tcp_bpf_sendmsg, tcp_bpf_send_verdict, tcp_bpf_push), net/core/skmsg.c (sk_msg_alloc),
// net/core/filter.c (bpf_msg_push_data and the others), net/ipv4/tcp.c (tcp_push, forced_push).
// What a real kernel leaves to time is drawn from a generator. Knows no frame.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <span>
#include <vector>

#include "program.h"

namespace zc::test {

using Random = std::mt19937_64;
using Bytes = std::vector<uint8_t>;

// True in one of so many cases; of 0 never.
bool chance(Random& random, unsigned one_of);
uint64_t between(Random& random, uint64_t least, uint64_t most);

// How unkind the kernel is.
struct Trouble {
  unsigned cut = 0;          // one of so many verdicts is cut
  unsigned cut_first = 0;    // likewise of the first ones of a message
  unsigned wait = 0;         // … waits for room in its midst
  unsigned between = 0;      // … messages of a call finds no room at all
  unsigned empty_queue = 0;  // … pushes finds all sent, so that pushed_seq tells nothing
  uint32_t page = 32768;     // what a message is made of: pages that are filled one after the other
  uint32_t max_window = 65535;
};

// A message as the kernel made it of a call.
struct Shown {
  uint64_t begin = 0;  // of the application's bytes
  uint64_t end = 0;
  bool more = false;
  bool last = false;     // of its call
  bool full = false;     // no entry was left, so that another of its call may follow
  bool told = true;      // whether MSG_MORE was to be learned from the sequence numbers
  bool unclear = false;  // it could not be told from one of the call before
  bool read = false;     // the program could read what the call said
  size_t first = 0;      // the first message of its call, by its place in shown()
  uint64_t call_end = 0;
};

class Model {
 public:
  Model(const zc_connection& connection, const Trouble& trouble, Random& random);

  // sendmsg(2) of bytes that begin at `position` of what the application has to say. Returns what
  // the kernel returns: bytes, or -1 for an error that means: once more.
  int64_t sendmsg(std::span<const uint8_t> bytes, uint64_t position, bool more);

  // What the program can read of the system call that the next messages are of, and its end.
  void enter(const zc_said& said, uint64_t end) {
    said_ = said, first_ = shown_.size(), call_end_ = end;
  }
  const zc_said& said() const { return said_; }

  const Bytes& stream() const { return stream_; }
  const std::vector<Shown>& shown() const { return shown_; }
  const zc_connection& connection() const { return connection_; }
  uint64_t runs() const { return runs_; }
  uint64_t cuts() const { return cuts_; }
  bool dropped() const { return dropped_; }

  // The helpers.
  long push_data(uint32_t start, uint32_t bytes);
  long pop_data(uint32_t start, uint32_t bytes);
  long pull_data(uint32_t start, uint32_t end);
  void apply_bytes(uint32_t bytes) { apply_ = bytes; }
  void redirect() { redirected_ = true; }

 private:
  size_t fill(std::span<const uint8_t> bytes);
  int64_t verdicts(bool more);
  bool run();
  bool send(uint32_t bytes, bool more, unsigned cut);
  bool send_piece(uint32_t bytes, uint32_t allowed, bool more);
  void push(bool more);
  bool forced() const { return tp_.write_seq - tp_.pushed_seq > (tp_.max_window >> 1); }
  void take(uint32_t bytes);
  uint32_t size() const;
  void show();

  zc_connection connection_;
  Trouble trouble_;
  Random& random_;
  tcp_sock tp_{};
  std::deque<Bytes> entries_;
  sk_msg_md md_{};
  uint32_t apply_ = 0;
  bool redirected_ = false, dropped_ = false, full_ = false;
  uint32_t verdict_bytes_ = 0;
  zc_said said_{};
  size_t first_ = 0;
  uint64_t call_end_ = 0;
  uint64_t runs_ = 0, cuts_ = 0;
  Bytes stream_;
  std::vector<Shown> shown_;
};

}  // namespace zc::test
