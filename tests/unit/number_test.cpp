// SPDX-License-Identifier: GPL-2.0-only
// Numbers as an operator writes them.
#include "base/number.h"

#include "expect.h"

namespace zc {
namespace {

struct GoodNumber {
  const char* text;
  uint64_t low, high, value;
};

constexpr GoodNumber kGood[] = {
    {"0", 0, 65535, 0},
    {"1", 1, 1, 1},
    {"65535", 0, 65535, 65535},
    {"0x0", 0, 65535, 0},
    {"0xffff", 0, 65535, 65535},
    {"0XFfFf", 0, 65535, 65535},
    {"0x11223344", 0, 4294967295, 287454020},
    {"4294967295", 0, 4294967295, 4294967295},
    {"0xffffffff", 0, 4294967295, 4294967295},
    {"007", 0, 10, 7},
    {"18446744073709551615", 0, 18446744073709551615U, 18446744073709551615U},
    {"0xffffffffffffffff", 0, 18446744073709551615U, 18446744073709551615U},
};

TEST(NumberTest, DecimalAndHexadecimalNumbersInRangeAreTaken) {
  for (const GoodNumber& good : kGood) {
    SCOPED_TRACE(good.text);
    EXPECT_EQ(value_of(parse_number(good.text, good.low, good.high, "--seq")), good.value);
  }
}

TEST(NumberTest, AnythingElseIsRefusedWithTheRange) {
  for (const char* bad : {"",
                          " ",
                          "70000",
                          "65536",
                          "-1",
                          "+1",
                          " 1",
                          "1 ",
                          "1.0",
                          "1e3",
                          "0x",
                          "0x10000",
                          "0xg",
                          "x1",
                          "1k",
                          "ff",
                          "0b1",
                          "0o7",
                          "--",
                          "18446744073709551616",
                          "0x10000000000000000",
                          "99999999999999999999999999",
                          "1,000",
                          "one",
                          "\xd9\xa1"}) {
    SCOPED_TRACE(bad);
    expect_error(parse_number(bad, 0, 65535, "--seq"), ErrorKind::kUsage,
                 std::string("--seq takes a number from 0 to 65535, not '") + bad + "'");
  }
}

TEST(NumberTest, TheLowerEndIsAnEndToo) {
  EXPECT_EQ(value_of(parse_number("1", 1, 65535, "port")), 1U);
  expect_error(parse_number("0", 1, 65535, "port"), ErrorKind::kUsage,
               "port takes a number from 1 to 65535, not '0'");
}

TEST(NumberTest, ANumberMayStandInALongerText) {
  const std::string_view text = "5004/udp";
  EXPECT_EQ(value_of(parse_number(text.substr(0, 4), 1, 65535, "port")), 5004U);
}

}  // namespace
}  // namespace zc
