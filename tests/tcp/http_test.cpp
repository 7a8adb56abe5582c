// SPDX-License-Identifier: GPL-2.0-only
// HTTP responses with media in their bodies (`--skip http`), one after the other in a connection:
// heads leave as they are, bodies in frames, and what cannot be framed does not leave.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <random>

#include "fixture.h"

namespace zc::test {
namespace {

std::string head_of(const std::string& fields, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nServer: a\r\n" + fields + "\r\n";
}

std::string length_of(uint64_t bytes) {
  return "Content-Length: " + std::to_string(bytes) + "\r\n";
}

// What a server says, piece by piece.
struct Conversation {
  std::vector<uint8_t> bytes;
  std::vector<Part> parts;

  void head(const std::string& text) {
    parts.push_back({false, bytes.size(), bytes.size() + text.size(), false});
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
  void body(const Source& source) {
    parts.push_back({true, bytes.size(), bytes.size() + source.size, true});
    bytes.insert(bytes.end(), source.bytes, source.bytes + source.size);
  }
};

class HttpTest : public TcpTest {
 protected:
  void put(const Look& look) {
    FramingRule rule = rule_of(look);
    rule.framing.skip = ZC_SKIP_HTTP;
    framer().put_rule(kPaths[0].to, rule);
    broken_ = framer().count(ZC_VERDICT_broken);
  }

  uint64_t broken() const { return framer().count(ZC_VERDICT_broken) - broken_; }

  static void expect(const Conversation& talk, const std::vector<uint8_t>& stream,
                     const Look& look) {
    const Parsed parsed = parse(stream, talk.bytes, talk.parts, look);
    EXPECT_EQ(parsed.fault, "");
    EXPECT_EQ(parsed.position, talk.bytes.size());
  }

  // Each of these is one call. Returns what the other end has heard.
  static std::vector<uint8_t> say(const std::vector<std::string>& calls, int error = 0) {
    const Fd listener = listen_on(kPaths[0].to, "", 0);
    Fd near = connect_to(kPaths[0].to, 0);
    const Fd far(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    for (size_t i = 0; i < calls.size(); ++i) {
      const ssize_t taken = send(near.get(), calls[i].data(), calls[i].size(), MSG_NOSIGNAL);
      const bool refused = taken < 0;
      EXPECT_TRUE(refused || taken == static_cast<ssize_t>(calls[i].size()));
      EXPECT_EQ(refused ? errno : 0, i + 1 == calls.size() ? error : 0) << calls[i];
    }
    near.reset();
    return hear(far.get(), {}, 1).stream;
  }

  uint64_t broken_ = 0;
};

TEST_F(HttpTest, KeepAliveIsFramedToTheByteWhateverIsCut) {
  std::mt19937_64 random(1);
  uint64_t partial = 0;
  for (unsigned i = 0; i < 24; ++i) {
    const Look look = look_of(i % 3 ? 1316 : 60000, i % 2);
    put(look);
    Conversation talk;
    for (unsigned responses = 0; responses < 12; ++responses) {
      const uint64_t bytes = 1 + random() % (random() % 4 ? 9000 : 300000);
      if (random() % 3 == 0) talk.head(head_of(length_of(77), "304 Not Modified"));
      if (random() % 3 == 0) talk.head(head_of("Link: a\r\n", "103 Early Hints"));
      if (random() % 3 == 0) talk.head(head_of(length_of(0)));
      talk.head(head_of("Cookie: " + std::string(random() % 600, 'c') + "\r\n" + length_of(bytes)));
      talk.body(file().first(bytes));
    }
    const SourceFile source(talk.bytes);
    const Manner manner{i % 2 ? Way::kMixed : Way::kFileParts, i % 3 != 0, i % 4 == 0, 3000};
    const Said said = zc::test::talk(source.first(talk.bytes.size()),
                                     {kPaths[0].to, "", manner, {20000, true}, i});
    ASSERT_EQ(said.sent.fault + said.heard.fault, "");
    expect(talk, said.heard.stream, look);
    partial += said.sent.partial;
    if (HasFailure()) return;
  }
  EXPECT_EQ(broken(), 0U);
  EXPECT_GT(partial, 100U);
}

// No response tells that it answers HEAD; what comes behind it does.
TEST_F(HttpTest, ResponsesToHeadHaveNoBody) {
  const Look look = look_of(1316, false);
  put(look);
  const Source film = file().first(5000);
  const std::string media(film.bytes, film.bytes + film.size);
  const std::vector<std::string> calls = {
      head_of(length_of(5000)) + head_of(length_of(5000)),  // also in one call
      head_of("Transfer-Encoding: chunked\r\n"), head_of(""), head_of(length_of(film.size)), media};
  Conversation talk;
  for (size_t i = 0; i + 1 < calls.size(); ++i)
    talk.head(calls[i]);
  talk.body(film);
  expect(talk, say(calls), look);
  EXPECT_EQ(broken(), 0U);
}

// Sizes of chunks would be framed as media.
TEST_F(HttpTest, ChunksDoNotLeave) {
  put(look_of(1316, false));
  const std::string head = head_of("Transfer-Encoding: chunked\r\n");
  const std::vector<uint8_t> heard = say({head, "5\r\nhello\r\n0\r\n\r\n"}, EACCES);
  EXPECT_EQ(std::string(heard.begin(), heard.end()), head);
  EXPECT_EQ(broken(), 1U);
}

TEST_F(HttpTest, WhatIsNoResponseDoesNotLeave) {
  put(look_of(1316, false));
  EXPECT_TRUE(say({"G\x40\x11\x10 film"}, EACCES).empty());
  EXPECT_TRUE(say({head_of("Content-Length: 5, 6\r\n")}, EACCES).empty());
  EXPECT_TRUE(say({head_of("", "101 Switching Protocols")}, EACCES).empty());
  EXPECT_EQ(broken(), 3U);
}

// The kernel does not ask again: what comes then is not taken for a new head.
TEST_F(HttpTest, ABrokenConnectionStaysBroken) {
  put(look_of(1316, false));
  const Fd listener = listen_on(kPaths[0].to, "", 0);
  Fd near = connect_to(kPaths[0].to, 0);
  const Fd far(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  for (const std::string& text : {std::string("nonsense"), head_of(length_of(1)), std::string("a")})
    EXPECT_TRUE(send(near.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0 && errno == EACCES);
  near.reset();
  EXPECT_TRUE(hear(far.get(), {}, 1).stream.empty());
  EXPECT_EQ(broken(), 1U);
}

}  // namespace
}  // namespace zc::test
