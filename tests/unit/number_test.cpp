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

TEST(NumberTest, RatesMayHaveASuffixAndAPoint) {
  struct Rate {
    const char* text;
    uint64_t value;
  };
  for (const Rate& rate : {Rate{"8M", 8'000'000},
                           {"1.5M", 1'500'000},
                           {"64000", 64'000},
                           {"64k", 64'000},
                           {"64K", 64'000},
                           {"0.5k", 500},
                           {"1G", 1'000'000'000},
                           {"2.048M", 2'048'000},
                           {"1.000000001G", 1'000'000'001},
                           {"5.", 0},
                           {".5M", 0},
                           {"1.5", 0},
                           {"1.0005k", 0},
                           {"M", 0},
                           {"", 0},
                           {"8MB", 0},
                           {"-1", 0},
                           {"8 M", 0},
                           {"0x10", 0},
                           {"18446744073709551616", 0},
                           {"99999999999G", 0},
                           {"1e6", 0}}) {
    SCOPED_TRACE(rate.text);
    const auto value = parse_scaled(rate.text, 1, UINT64_MAX, "--rate");
    if (rate.value != 0)
      EXPECT_EQ(value_of(value), rate.value);
    else
      expect_error(value, ErrorKind::kUsage, "--rate takes a number from 1 to", "8M");
  }
}

TEST(NumberTest, ThousandthsComeBackAsTheyWent) {
  for (const auto& [text, value] : {std::pair{"20", 20000U},
                                    {"0.125", 125U},
                                    {"2.5", 2500U},
                                    {"0.001", 1U},
                                    {"60000", 60000000U}}) {
    EXPECT_EQ(value_of(parse_thousandths(text, 1, 60'000'000, "--ptime")), value);
    EXPECT_EQ(thousandths_text(value), text);
  }
  for (const char* bad : {"0", "0.0001", "60000.001", "", ".", "1.", "-1", "20ms", "1,5"})
    expect_error(parse_thousandths(bad, 1, 60'000'000, "--ptime"), ErrorKind::kUsage,
                 "--ptime takes a number from 0.001 to 60000");
}

}  // namespace
}  // namespace zc
