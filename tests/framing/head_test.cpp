// SPDX-License-Identifier: GPL-2.0-only
// Heads of HTTP responses after RFC 9112, and what is none: literals, and what each says of what
// comes behind it. Knows no message; scenario.cpp has heads that are cut.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "zc/head.h"

namespace zc::test {
namespace {

// What the head that ends a text says of the bytes behind it.
std::string behind(const std::string& text) {
  zc_head head{};
  for (size_t at = 0; at < text.size(); ++at) {
    if (!zc_head_take(&head, static_cast<uint8_t>(text[at]))) continue;
    if (head.state == ZC_HEAD_BROKEN) return "broken";
    if (at + 1 != text.size()) return "ends at " + std::to_string(at + 1);
    if (head.in_body && head.coded) return "coded";
    if (head.in_body) return head.has_length ? "media " + std::to_string(head.left) : "media";
    const zc_head fresh{};
    return std::memcmp(&head, &fresh, sizeof(head)) == 0 ? "head" : "not as before the first one";
  }
  return "unfinished";
}

std::string response(const std::string& fields, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "\r\n";
}

struct Case {
  std::string fields, behind;
};

TEST(HeadTest, ContentLengthIsFoundHoweverItIsWritten) {
  const std::vector<Case> cases = {
      {"Content-Length: 5\r\n", "media 5"},
      {"content-length:5\r\n", "media 5"},
      {"CONTENT-LENGTH:\t 5 \t\r\n", "media 5"},
      {"Content-Length : 5\r\n", "media 5"},  // RFC 9112 5.1: a proxy removes that
      {"Content-Length:\r\n 5\r\n", "media 5"},
      {"Content-Length: 0000000000000000000000000005\r\n", "media 5"},
      {"Content-Length: 0\r\n", "head"},
      {"Content-Length: 5\r\nA: b\r\n", "media 5"},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", "media 5"},
      {"Content-Length: 5, 5,5\r\n", "media 5"},
      {"Content-Length: 9223372036854775799\r\n", "media 9223372036854775799"},
      {"", "media"},
      {"A: Content-Length: 5\r\n", "media"},
      {"X-Content-Length: 5\r\nContent-Lengthy: 5\r\n", "media"},
      {"Content-Length\r\n", "media"},
      {"Content-Type: text\r\n Content-Length: 5\r\n", "media"},  // obs-fold, RFC 9112 5.2
      {" Content-Length: 7\r\nContent-Length: 5\r\n", "media 5"},
      {"TE: chunked\r\nTrailer: a\r\n", "media"},
      {"Content-Range: bytes 0-4/9\r\nContent-Length: 5\r\n", "media 5"},
  };
  for (const Case& each : cases)
    EXPECT_EQ(behind(response(each.fields)), each.behind) << each.fields;
}

TEST(HeadTest, WhatSaysNoLengthIsBroken) {
  const std::vector<std::string> cases = {
      "Content-Length: \r\n",
      "Content-Length: -5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 5 5\r\n",
      "Content-Length: 5\r\n 5\r\n",
      "Content-Length: 5\r5\r\n",
      "Content-Length: 5;\r\n",
      "Content-Length: 5,\r\n",
      "Content-Length: 5, 6\r\n",
      "Content-Length: 5\r\nA: b\r\nContent-Length: 6\r\n",
      "Content-Length: 0\r\nContent-Length: 5\r\n",
      "Content-Length: 9223372036854775808\r\n",
      "Content-Length: 18446744073709551621\r\n",  // 2^64 + 5
      "Content-Length: 100000000000000000000000000000000000005\r\n",
  };
  for (const std::string& fields : cases)
    EXPECT_EQ(behind(response(fields)), "broken") << fields;
}

// RFC 9112 6.3: its length is that of its chunks, whatever Content-Length says.
TEST(HeadTest, ACodedBodyIsNotTheMedia) {
  EXPECT_EQ(behind(response("Transfer-Encoding: chunked\r\n")), "coded");
  EXPECT_EQ(behind(response("transfer-encoding:\r\n gzip, chunked\r\n")), "coded");
  EXPECT_EQ(behind(response("Content-Length: 5\r\nTransfer-Encoding : chunked\r\n")), "coded");
  EXPECT_EQ(behind(response("TRANSFER-ENCODING: chunked\r\nContent-Length: 0\r\n")), "coded");
  EXPECT_EQ(behind(response("Transfer-Encodings: chunked\r\n")), "media");
  EXPECT_EQ(behind(response("A: Transfer-Encoding: chunked\r\n")), "media");
}

// RFC 9112 6.3, first case of its list.
TEST(HeadTest, NoBodyFollowsSomeStatuses) {
  for (const std::string status :
       {"100 Continue", "103 Early Hints", "199", "204 No Content", "204", "304 Not Modified"})
    for (const std::string fields : {"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"})
      EXPECT_EQ(behind(response(fields, status)), "head") << status << ", " << fields;
  for (const std::string status : {"200", "206 Partial Content", "203 a 204", "404", "504", "999"})
    EXPECT_EQ(behind(response("Content-Length: 5\r\n", status)), "media 5") << status;
  EXPECT_EQ(behind(response("Upgrade: rtp\r\n", "101 Switching Protocols")), "broken");
}

TEST(HeadTest, LinesEndWithOrWithoutCr) {
  EXPECT_EQ(behind("HTTP/1.0 200 OK\nContent-Length: 5\n\n"), "media 5");
  EXPECT_EQ(behind("HTTP/1.1 200\nContent-Length: 5\n\r\n"), "media 5");
  EXPECT_EQ(behind("HTTP/1.1 200\r\nContent-Length: 5\r\n\n"), "media 5");
  EXPECT_EQ(behind("HTTP/1.1 200\n\n"), "media");
  EXPECT_EQ(behind("\r\n\nHTTP/1.1 204\r\n\r\n"), "head");  // RFC 9112 2.2, of requests
  EXPECT_EQ(behind("HTTP/1.1 200\r\nA: b\r\n\r"), "unfinished");
  EXPECT_EQ(behind("HTTP/1.1 200\r\nA: b\r\n\r\r\n"), "unfinished");
}

TEST(HeadTest, WhatIsNoResponseIsBroken) {
  for (const std::string text :
       {"G\x40\x11\x10", "GET / HTTP/1.1\r\n", "ICY 200 OK\r\n", "RTSP/1.0 200 OK\r\n",
        "http/1.1 200 OK\r\n", "HTTP/2 200\r\n", "HTTP/1.1\r\n", "HTTP/1.10 200\r\n",
        "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1 2\n", " HTTP/1.1 200\r\n",
        "HTTP/1.1  200\r\n", "HTTP/1.1 2x0\r\n"})
    EXPECT_EQ(behind(text), "broken") << text;
  EXPECT_EQ(behind("HTTP/1.1 200 O"), "unfinished");
  EXPECT_EQ(behind("\r\r"), "broken");
}

// For good: what an application says after that is not read as a new head.
TEST(HeadTest, BrokenStaysBroken) {
  zc_head head{};
  for (const char byte : std::string("nonsense"))
    zc_head_take(&head, static_cast<uint8_t>(byte));
  for (const char byte : response("Content-Length: 5\r\n")) {
    EXPECT_EQ(zc_head_take(&head, static_cast<uint8_t>(byte)), 1);
    EXPECT_EQ(head.state, ZC_HEAD_BROKEN);
    EXPECT_EQ(head.in_body, 0);
  }
}

TEST(HeadTest, ABodyEndsWithItsLastByte) {
  zc_head head{};
  for (const char byte : response("Content-Length: 4294967300\r\n"))
    zc_head_take(&head, static_cast<uint8_t>(byte));
  EXPECT_TRUE(zc_body_begins(&head));
  zc_body_take(&head, 0);
  EXPECT_TRUE(zc_body_begins(&head));
  zc_body_take(&head, 4294967295U);
  EXPECT_FALSE(zc_body_begins(&head));
  zc_body_take(&head, 4);
  EXPECT_TRUE(head.in_body);
  zc_body_take(&head, 1);
  const zc_head fresh{};
  EXPECT_EQ(std::memcmp(&head, &fresh, sizeof(head)), 0);
}

}  // namespace
}  // namespace zc::test
