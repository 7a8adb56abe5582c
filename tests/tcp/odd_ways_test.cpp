// SPDX-License-Identifier: GPL-2.0-only
// Ways of sending beside those of ways_test.cpp: from pipes, many messages a call, by two
// processes, and flags that TCP takes in a way of its own.
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <thread>

#include "fixture.h"
#include "support/endpoint.h"

namespace zc::test {
namespace {

constexpr uint64_t kBytes = 2000000;

class OddWaysTest : public TcpTest {
 protected:
  // Says all of it by `say`, and parses what arrives: every byte of it, in frames.
  Parsed talk(const std::function<void(int, const Source&)>& say, int buffer = 0) {
    const Look look = look_of(1388, false);
    put_rule(kPaths[0].to, look);
    const Source source = file().first(kBytes);
    const Fd listener = listen_on(kPaths[0].to, "", buffer);
    Fd near = connect_to(kPaths[0].to, buffer);
    const Fd far(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    Heard heard;
    std::thread receiver([&] { heard = hear(far.get(), {buffer, buffer != 0}, 1); });
    say(near.get(), source);
    shutdown(near.get(), SHUT_WR);
    receiver.join();
    EXPECT_EQ(heard.fault, "");
    Parsed parsed = parse(heard.stream, {source.bytes, source.size},
                          std::vector<Part>{{true, 0, source.size, false}}, look);
    EXPECT_EQ(parsed.fault, "");
    EXPECT_EQ(parsed.position, source.size);
    return parsed;
  }

  // Frames that have not all of their bytes.
  static size_t short_ones(const Parsed& parsed) {
    size_t found = 0;
    for (const Frame& frame : parsed.frames)
      found += frame.announced != 1388;
    return found;
  }
};

// Pieces of this many bytes, each a call, which `call` makes; it returns what was taken.
void in_pieces(const Source& source, uint64_t piece,
               const std::function<ssize_t(uint64_t, size_t)>& call) {
  for (uint64_t at = 0; at < source.size;) {
    const ssize_t taken = call(at, std::min(piece, source.size - at));
    if (taken < 0 && (errno == ENOBUFS || errno == EAGAIN)) continue;
    ASSERT_GT(taken, 0) << strerror(errno);
    at += static_cast<uint64_t>(taken);
  }
}

TEST_F(OddWaysTest, TheSmallestSendBuffer) {
  const Parsed parsed = talk(
      [](int socket, const Source& source) {
        off_t offset = 0;
        while (offset < static_cast<off_t>(source.size))
          ASSERT_GT(sendfile(socket, source.file, &offset, source.size - offset), 0);
      },
      1);
  EXPECT_LE(short_ones(parsed), 1U);
}

TEST_F(OddWaysTest, SpliceFromAPipe) {
  talk([](int socket, const Source& source) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(pipe2(pipe.data(), O_CLOEXEC), 0);
    off_t offset = 0;
    while (offset < static_cast<off_t>(source.size)) {
      ssize_t filled = splice(source.file, &offset, pipe[1], nullptr, 50000, 0);
      ASSERT_GT(filled, 0);
      for (ssize_t moved; filled > 0; filled -= moved)
        ASSERT_GT(moved = splice(pipe[0], nullptr, socket, nullptr, filled, 0), 0);
    }
    close(pipe[0]);
    close(pipe[1]);
  });
}

TEST_F(OddWaysTest, MemoryOfTheApplicationThroughAPipe) {
  talk([](int socket, const Source& source) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(pipe2(pipe.data(), O_CLOEXEC), 0);
    in_pieces(source, 30000, [&](uint64_t at, size_t bytes) {
      const iovec piece{const_cast<uint8_t*>(source.bytes) + at, bytes};
      const ssize_t filled = vmsplice(pipe[1], &piece, 1, 0);
      for (ssize_t left = filled, moved; left > 0; left -= moved)
        if ((moved = splice(pipe[0], nullptr, socket, nullptr, left, SPLICE_F_MORE)) <= 0)
          return moved;
      return filled;
    });
    close(pipe[0]);
    close(pipe[1]);
  });
}

TEST_F(OddWaysTest, ManyMessagesACall) {
  talk([](int socket, const Source& source) {
    for (uint64_t at = 0; at < source.size;) {
      std::array<iovec, 20> pieces{};
      std::array<mmsghdr, 20> messages{};
      unsigned count = 0;
      for (uint64_t to = at; count < pieces.size() && to < source.size; ++count) {
        pieces[count] = {const_cast<uint8_t*>(source.bytes) + to,
                         std::min<size_t>(1000 + 700 * count, source.size - to)};
        messages[count].msg_hdr.msg_iov = &pieces[count];
        messages[count].msg_hdr.msg_iovlen = 1;
        to += pieces[count].iov_len;
      }
      const int sent = sendmmsg(socket, messages.data(), count, 0);
      ASSERT_GT(sent, 0);
      for (int i = 0; i < sent; ++i)
        at += messages[static_cast<size_t>(i)].msg_len;
    }
  });
}

TEST_F(OddWaysTest, AChildSendsOnItsParentsSocket) {
  talk([](int socket, const Source& source) {
    bool child = false;
    in_pieces(source, 100001, [&](uint64_t at, size_t bytes) -> ssize_t {
      child = !child;
      if (!child) return send(socket, source.bytes + at, bytes, 0);
      const pid_t pid = fork();
      if (pid == 0)
        _exit(send(socket, source.bytes + at, bytes, 0) == static_cast<ssize_t>(bytes) ? 0 : 1);
      int status = 1;
      return waitpid(pid, &status, 0) == pid && status == 0 ? static_cast<ssize_t>(bytes) : -1;
    });
  });
}

// Completions that are there: numbers of sends, up to the highest.
struct Completions {
  uint32_t next = 0;  // of the next one
  bool in_order = true, copied = true;
};

void read_completions(int socket, Completions& completions) {
  for (;;) {
    std::array<char, 512> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (!header) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(header), sizeof(error));
    if (error.ee_origin != SO_EE_ORIGIN_ZEROCOPY) continue;
    completions.in_order &= error.ee_info == completions.next;
    completions.copied &= (error.ee_code & SO_EE_CODE_ZEROCOPY_COPIED) != 0;
    completions.next = error.ee_data + 1;
  }
}

// What the application's memory holds is copied before anything is sent: it may change once the
// call has returned.
TEST_F(OddWaysTest, ZeroCopyIsACopyWithCompletionsOfItsOwn) {
  Completions completions;
  uint32_t sends = 0;
  talk([&](int socket, const Source& source) {
    const int one = 1;
    ASSERT_EQ(setsockopt(socket, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)), 0);
    std::vector<uint8_t> memory(60000);
    in_pieces(source, memory.size(), [&](uint64_t at, size_t bytes) {
      std::copy_n(source.bytes + at, bytes, memory.begin());
      const ssize_t taken = send(socket, memory.data(), bytes, MSG_ZEROCOPY);
      sends += taken > 0;
      std::fill(memory.begin(), memory.end(), 0xee);
      read_completions(socket, completions);
      return taken;
    });
    for (int tries = 0; tries < 50; ++tries) {
      usleep(10000);
      read_completions(socket, completions);
    }
  });
  EXPECT_TRUE(completions.in_order); /* each once */
  EXPECT_TRUE(completions.copied);
  EXPECT_GT(completions.next, sends); /* one for each piece that TCP was given */
}

// What leaves with the SYN, or in the call that opens the connection, goes past the program: such a
// connection is not taken, rather than from its midst on.
TEST_F(OddWaysTest, FastOpenIsNotTaken) {
  const Fd knob(open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(knob && write(knob.get(), "1543", 4) == 4);  // 0x607: both ends, without cookie
  const Look look = look_of(1388, false);
  put_rule(kPaths[0].to, look);
  const Source source = file().first(50000);
  const uint64_t not_taken = framer().count(ZC_VERDICT_no_state);
  const Fd listener = listen_on(kPaths[0].to, "", 0);
  const int queue = 16;
  setsockopt(listener.get(), IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
  Fd near(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress address = socket_address(kPaths[0].to);
  const ssize_t taken =
      sendto(near.get(), source.bytes, source.size, MSG_FASTOPEN, address.get(), address.length);
  ASSERT_GT(taken, 0) << strerror(errno);
  const Fd far(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  send(near.get(), source.bytes + taken, source.size - static_cast<size_t>(taken), 0);
  near.reset();
  const Heard heard = hear(far.get(), {}, 1);
  EXPECT_EQ(heard.stream, std::vector<uint8_t>(source.bytes, source.bytes + source.size));
  EXPECT_EQ(framer().connected(), 0U);
  EXPECT_EQ(framer().count(ZC_VERDICT_no_state), not_taken + 1);
}

}  // namespace
}  // namespace zc::test
