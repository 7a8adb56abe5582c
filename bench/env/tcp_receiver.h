// SPDX-License-Identifier: GPL-2.0-only
// A far end that reads a TCP connection: a thread that counts every byte and compares some. Most it
// takes without copying them (MSG_TRUNC), because its work is in the figures.
#pragma once

#include <atomic>
#include <thread>

#include "env/environment.h"
#include "tcp_stream_check.h"

namespace zc::bench {

class TcpReceiver : public FarEnd {
 public:
  // `sender` is the other end, not owned: it is shut down when all is sent. Compares the bytes of
  // every `compare_every`th block.
  TcpReceiver(int sender, Fd connection, const Expected& expected, uint64_t compare_every);
  TcpReceiver(const TcpReceiver&) = delete;
  TcpReceiver& operator=(const TcpReceiver&) = delete;
  ~TcpReceiver() override;

  // Waits until everything is read: megabytes may be buffered.
  void drain() override;
  Verdict verdict() override;

 private:
  void receive();
  // One block; false: there will be no more.
  bool receive_block();

  int sender_;
  Fd connection_;
  std::unique_ptr<TcpStreamCheck> check_;  // the thread's, until it is joined
  uint64_t compare_every_;
  // Likewise.
  uint64_t received_ = 0;
  uint64_t blocks_ = 0;
  std::string problem_;
  std::vector<uint8_t> block_;
  std::thread thread_;
};

// A socket that listens on kPort, of the current network namespace; waits two seconds for somebody.
Result<Fd> listen_at_far_end();
// The near end, in the current namespace, and a receiver at the other; it looks at every byte where
// `inspected`, else at one block of 64.
Result<Ends> connect_to_listener(const Fd& listener, const Expected& expected, bool inspected);

}  // namespace zc::bench
