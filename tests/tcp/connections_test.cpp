// SPDX-License-Identifier: GPL-2.0-only
// Many connections, connections that are reset, and equal ones of two network namespaces.
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "fixture.h"

namespace zc::test {
namespace {

using ConnectionsTest = TcpTest;

struct Pair {
  Fd near, far;
};

Pair connect_pair(const Fd& listener, const std::string& to, int buffer = 0) {
  Pair pair;
  pair.near = connect_to(to, buffer);
  pair.far = Fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return pair;
}

TEST_F(ConnectionsTest, AThousandAtOnce) {
  constexpr unsigned kMany = 1000;
  constexpr uint64_t kBytes = 20000, kPart = 3000;
  const Look look = look_of(1388, true);
  const char* to = kPaths[0].to;
  put_rule(to, look);
  const Fd listener = listen_on(to, "", 0);
  std::vector<Pair> pairs;
  for (unsigned i = 0; i < kMany; ++i)
    pairs.push_back(connect_pair(listener, to));
  EXPECT_EQ(framer().connected(), kMany);

  const Source source = file().first(kBytes);
  std::vector<Said> said(kMany);
  for (uint64_t at = 0; at < kBytes; at += kPart)
    for (unsigned i = 0; i < kMany; ++i) {
      const uint64_t bytes = std::min(kPart, kBytes - at);
      ASSERT_EQ(send(pairs[i].near.get(), source.bytes + at, bytes, 0),
                static_cast<ssize_t>(bytes));
      said[i].sent.calls.push_back({at, at + bytes, false, false, true, bytes});
    }
  for (unsigned i = 0; i < kMany; ++i) {
    shutdown(pairs[i].near.get(), SHUT_WR);
    said[i].heard = hear(pairs[i].far.get(), {}, 1);
    ASSERT_EQ(judge(said[i], source, look, false), "") << i;
  }
}

TEST_F(ConnectionsTest, ResetInTheMidstOfAFrame) {
  std::mt19937_64 random(1);
  for (unsigned i = 0; i < 60; ++i) {
    const Look look = look_of(i % 3 ? 1388 : 60000, i % 2);
    const Path& path = kPaths[i % kPaths.size()];
    put_rule(path.to, look);
    const Fd listener = listen_on(path.to, path.netns, 0);
    Pair pair = connect_pair(listener, path.to);
    const Source source = file().first(8 << 20);
    Sent sent;
    std::thread sender([&] { sent = send_all(pair.near.get(), source, {}, i); });
    std::vector<uint8_t> stream(1 + random() % 2000000);
    const ssize_t heard = recv(pair.far.get(), stream.data(), stream.size(), MSG_WAITALL);
    const linger at_once{1, 0};
    setsockopt(pair.far.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    pair.far.reset();
    sender.join();
    stream.resize(static_cast<size_t>(std::max<ssize_t>(heard, 0)));
    ASSERT_EQ(stream.size(), static_cast<size_t>(heard));
    ASSERT_EQ(judge_torn(stream, source, look), "") << i;
    EXPECT_NE(sent.fault, "");
  }
}

// What the last call was cut to is counted, not what it was to be.
TEST_F(ConnectionsTest, FramesThatNeverLeftAreNotCounted) {
  const Source source = file().first(1 << 20);
  const std::vector<Part> parts = {{true, 0, source.size, false}};
  for (unsigned i = 0; i < 12; ++i) {
    const Look look = look_of(i % 4 ? 1388 : 64, i % 2);
    const uint64_t before = framer().count(ZC_VERDICT_stamped);
    put_rule(kPaths[0].to, look);
    const int buffer = 20000 + 500 * static_cast<int>(i);
    const Fd listener = listen_on(kPaths[0].to, "", buffer);
    Pair pair = connect_pair(listener, kPaths[0].to, buffer);
    const ssize_t taken = send(pair.near.get(), source.bytes, source.size, MSG_DONTWAIT);
    ASSERT_LT(taken, static_cast<ssize_t>(source.size));
    if (i % 3 == 0) shutdown(pair.near.get(), SHUT_WR);
    if (i % 3 == 1) shutdown(pair.far.get(), SHUT_WR);  // so that it is the second to close
    pair.near.reset();
    const Heard heard = hear(pair.far.get(), {}, i);
    pair.far.reset();
    for (int tries = 0; tries < 100 && framer().slots_in_use(); ++tries)
      usleep(20000);
    const Parsed parsed =
        parse(heard.stream, {source.bytes, static_cast<size_t>(source.size)}, parts, look);
    ASSERT_EQ(judge_torn(heard.stream, source, look), "");
    ASSERT_EQ(framer().count(ZC_VERDICT_stamped) - before, parsed.frames.size()) << i;
  }
}

// The key of a socket is its slot: addresses and ports are those of another one, too.
TEST_F(ConnectionsTest, EqualAddressesAndPortsInTwoNamespaces) {
  const Look look = look_of(1316, false);
  const char* to = kPaths[0].to;
  put_rule(to, look);
  const std::array<std::string, 2> namespaces = {"", "far"};
  std::array<Fd, 2> listeners, near, far;
  for (size_t i = 0; i < 2; ++i) {
    listeners[i] = listen_on(to, namespaces[i], 0);
    near[i] = connect_to(to, 0, namespaces[i], 40001);
    far[i] = Fd(accept4(listeners[i].get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  EXPECT_EQ(framer().connected(), 2U);

  const std::array<SourceFile, 2> files = {SourceFile(5000000, 7), SourceFile(5000000, 8)};
  std::array<Said, 2> said;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 2; ++i) {
    threads.emplace_back(
        [&, i] { said[i].sent = send_all(near[i].get(), files[i].first(5000000), {}, i); });
    threads.emplace_back([&, i] { said[i].heard = hear(far[i].get(), {}, i); });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (size_t i = 0; i < 2; ++i)
    EXPECT_EQ(judge(said[i], files[i].first(5000000), look, false), "") << i;
}

}  // namespace
}  // namespace zc::test
