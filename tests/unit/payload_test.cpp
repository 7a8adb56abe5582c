// SPDX-License-Identifier: GPL-2.0-only
// The table of payload formats against RFC 3551 tables 4 and 5, copied here by hand.
#include "core/payload.h"

#include "expect.h"

namespace zc::core {
namespace {

struct Row {  // NOLINT(clang-analyzer-optin.performance.Padding): in the order one reads
  const char* name;
  int payload_type;
  const char* encoding;
  const char* media;
  uint32_t clock_hz;
  int channels;  // 0: not audio
  int header_bytes;
};

// RFC 3551 section 6. MPA's four bytes: RFC 2250 3.5. G722's clock: section 4.5.2.
constexpr Row kRfc3551[] = {
    {"PCMU", 0, "PCMU", "audio", 8000, 1, 0},
    {"GSM", 3, "GSM", "audio", 8000, 1, 0},
    {"G723", 4, "G723", "audio", 8000, 1, 0},
    {"DVI4/8000", 5, "DVI4", "audio", 8000, 1, 0},
    {"DVI4/16000", 6, "DVI4", "audio", 16000, 1, 0},
    {"LPC", 7, "LPC", "audio", 8000, 1, 0},
    {"PCMA", 8, "PCMA", "audio", 8000, 1, 0},
    {"G722", 9, "G722", "audio", 8000, 1, 0},
    {"L16/44100/2", 10, "L16", "audio", 44100, 2, 0},
    {"L16/44100/1", 11, "L16", "audio", 44100, 1, 0},
    {"QCELP", 12, "QCELP", "audio", 8000, 1, 0},
    {"MPA", 14, "MPA", "audio", 90000, 1, 4},
    {"G728", 15, "G728", "audio", 8000, 1, 0},
    {"DVI4/11025", 16, "DVI4", "audio", 11025, 1, 0},
    {"DVI4/22050", 17, "DVI4", "audio", 22050, 1, 0},
    {"G729", 18, "G729", "audio", 8000, 1, 0},
    {"MP2T", 33, "MP2T", "video", 90000, 0, 0},
};

TEST(PayloadTest, TheTableIsThatOfRfc3551) {
  for (const Row& row : kRfc3551) {
    SCOPED_TRACE(row.name);
    const auto format = find_payload(row.name);
    ASSERT_TRUE(format) << why(format.error());
    EXPECT_EQ((*format)->payload_type, row.payload_type);
    EXPECT_EQ((*format)->encoding, row.encoding);
    EXPECT_EQ((*format)->media(), row.media);
    EXPECT_EQ((*format)->clock_hz, row.clock_hz);
    EXPECT_EQ((*format)->channels, row.channels);
    EXPECT_EQ((*format)->header_bytes, row.header_bytes);
    EXPECT_EQ(find_payload(static_cast<uint8_t>(row.payload_type), row.clock_hz), *format);
  }
}

TEST(PayloadTest, NamesAreTakenInAnyCase) {
  EXPECT_EQ((*find_payload("mp2t"))->payload_type, 33);
  EXPECT_EQ((*find_payload("Pcmu"))->payload_type, 0);
  EXPECT_EQ((*find_payload("l16/44100/2"))->payload_type, 10);
}

TEST(PayloadTest, UnknownNamesAreRefusedWithTheKnownOnes) {
  // H261, JPEG and MPV need headers made from their bytes; CN is not a stream of stored bytes.
  for (const char* name : {"", "MP2", "MP2TS", "MP2T ", "H264", "JPEG", "H261", "MPV", "CN", "L16",
                           "L16/48000/2", "33"}) {
    SCOPED_TRACE(name);
    const auto format = find_payload(name);
    expect_error(format, ErrorKind::kUsage, std::string("--payload: '") + name + "' is not known",
                 "--pt N --clock HZ");
    EXPECT_THAT(format.error().hint, testing::HasSubstr("PCMU"));
    EXPECT_THAT(format.error().hint, testing::HasSubstr("MP2T"));
  }
}

TEST(PayloadTest, ATypeWithAnotherClockIsNotTheStaticFormat) {
  EXPECT_EQ(find_payload(33, 8000), nullptr);
  EXPECT_EQ(find_payload(0, 90000), nullptr);
  EXPECT_EQ(find_payload(96, 90000), nullptr);
  EXPECT_EQ(find_payload(127, 0), nullptr);
}

TEST(PayloadTest, TypesAreSevenBitsWithoutThoseOfRtcp) {
  for (const int type : {0, 33, 63, 71, 77, 95, 96, 127})
    EXPECT_EQ(value_of(parse_payload_type(std::to_string(type))), type);
  EXPECT_EQ(value_of(parse_payload_type("0x21")), 33);
  for (const int type : {72, 73, 74, 75, 76})
    expect_error(parse_payload_type(std::to_string(type)), ErrorKind::kUsage, "RTCP", "96 to 127");
  for (const char* type : {"128", "200", "-1", "", "MP2T"})
    expect_error(parse_payload_type(type), ErrorKind::kUsage, "--pt takes a number from 0 to 127");
}

}  // namespace
}  // namespace zc::core
