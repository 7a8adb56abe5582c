// SPDX-License-Identifier: GPL-2.0-only
// Mistyped words, and text that must not reach a terminal as it is.
#include "console/nearest.h"

#include <gtest/gtest.h>

#include "base/printable.h"

namespace zc::console {
namespace {

const std::vector<std::string> kCommands = {"attach", "detach", "show", "sdp", "probe", "clean"};

TEST(NearestTest, OneSlipOfTheFingersIsSeenThrough) {
  for (const auto& [typed, meant] :
       std::vector<std::pair<std::string, std::string>>{{"atach", "attach"},
                                                        {"attahc", "attach"},
                                                        {"attachh", "attach"},
                                                        {"detatch", "detach"},
                                                        {"shwo", "show"},
                                                        {"spd", "sdp"},
                                                        {"prove", "probe"},
                                                        {"cleann", "clean"}})
    EXPECT_EQ(nearest(typed, kCommands), meant) << typed;
}

TEST(NearestTest, TheBeginningOfOneWordIsThatWord) {
  EXPECT_EQ(nearest("pro", kCommands), "probe");
  EXPECT_EQ(nearest("--max", {"--max-streams", "--segment"}), "--max-streams");
  EXPECT_EQ(nearest("--che", {"--check", "--checksum"}), std::nullopt) << "of two";
}

TEST(NearestTest, WhatIsFarFromEveryWordIsNotGuessed) {
  for (const char* typed : {"", "x", "ls", "xx", "status", "nonsense", "s", "list", "help"})
    EXPECT_EQ(nearest(typed, kCommands), std::nullopt) << typed;
  EXPECT_EQ(nearest(std::string(100000, 'a'), kCommands), std::nullopt);
}

TEST(NearestTest, BetweenTwoEquallyNearWordsNobodyChooses) {
  EXPECT_EQ(nearest("--tx", {"--to", "--ts"}), std::nullopt);
  EXPECT_EQ(nearest("xttach", {"attach", "bttach"}), std::nullopt);
}

TEST(PrintableTest, ControlCharactersAreWrittenOut) {
  EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(printable("\x1b[31mred\x7f"), "\\x1b[31mred\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m")
      << "U+009B is ESC [ in one character";
}

TEST(PrintableTest, AllElseStays) {
  for (const char* text : {"", "eth0", "'quoted' \\n", "\xc3\xa4\xe2\x80\x9c", "\xff\xc2"})
    EXPECT_EQ(printable(text), text);
}

}  // namespace
}  // namespace zc::console
