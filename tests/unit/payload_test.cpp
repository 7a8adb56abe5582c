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
    const PayloadFormat format = value_of(find_payload(row.name));
    EXPECT_EQ(format.name, row.name);
    EXPECT_EQ(format.payload_type, row.payload_type);
    EXPECT_FALSE(format.dynamic);
    EXPECT_EQ(format.encoding, row.encoding);
    EXPECT_EQ(to_string(format.media), row.media);
    EXPECT_EQ(format.clock_hz, row.clock_hz);
    EXPECT_EQ(format.channels, static_cast<uint32_t>(row.channels));
    EXPECT_EQ(format.header_bytes, row.header_bytes);
    const auto by_number = find_payload(static_cast<uint8_t>(row.payload_type), row.clock_hz);
    ASSERT_TRUE(by_number);
    EXPECT_EQ(by_number->name, row.name);
  }
}

TEST(PayloadTest, NamesAreTakenInAnyCase) {
  EXPECT_EQ(value_of(find_payload("mp2t")).payload_type, 33);
  EXPECT_EQ(value_of(find_payload("Pcmu")).payload_type, 0);
  EXPECT_EQ(value_of(find_payload("l16/44100/2")).payload_type, 10);
  EXPECT_EQ(value_of(find_payload("OPUS")).name, "opus/48000/2");
  EXPECT_EQ(value_of(find_payload("l24/96000/8")).name, "L24/96000/8");
}

struct Dynamic {  // NOLINT(clang-analyzer-optin.performance.Padding): in the order one reads
  const char *said, *name;
  uint32_t clock_hz, channels;
  uint32_t frame_bytes, frame_ticks;  // 0: packets do not say by their length how long they last
};

// RFC 3551 4.5 (frames and their lengths), RFC 3190 4 and 5 (L20: "20 bit … packed", L24), RFC 7587
// 7 (opus), RFC 2250 (MP2P, MP1S).
constexpr Dynamic kDynamic[] = {
    {"L16/48000/2", "L16/48000/2", 48000, 2, 4, 1}, {"L16/48000", "L16/48000", 48000, 1, 2, 1},
    {"L16/48000/1", "L16/48000", 48000, 1, 2, 1},   {"L24/48000/8", "L24/48000/8", 48000, 8, 24, 1},
    {"L20/48000/1", "L20/48000", 48000, 1, 5, 2},   {"L8/22050/1", "L8/22050", 22050, 1, 1, 1},
    {"PCMU/16000", "PCMU/16000", 16000, 1, 1, 1},   {"opus", "opus/48000/2", 48000, 2, 0, 0},
    {"G726-32", "G726-32/8000", 8000, 1, 1, 2},     {"G726-40", "G726-40/8000", 8000, 1, 5, 8},
    {"G726-24", "G726-24/8000", 8000, 1, 3, 8},     {"G726-16", "G726-16/8000", 8000, 1, 1, 4},
    {"GSM-EFR", "GSM-EFR/8000", 8000, 1, 31, 160},  {"G729D", "G729D/8000", 8000, 1, 8, 80},
    {"G729E", "G729E/8000", 8000, 1, 15, 80},       {"MP2P", "MP2P/90000", 90000, 0, 0, 0},
    {"MP1S", "MP1S/90000", 90000, 0, 0, 0},
};

TEST(PayloadTest, DynamicTypesAreKnownByTheirEncoding) {
  for (const Dynamic& row : kDynamic) {
    SCOPED_TRACE(row.said);
    for (const auto& format :
         {value_of(find_payload(row.said)), value_of(dynamic_payload(row.said))}) {
      EXPECT_EQ(format.name, row.name);
      EXPECT_EQ(format.payload_type, 96);
      EXPECT_TRUE(format.dynamic);
      EXPECT_EQ(format.clock_hz, row.clock_hz);
      EXPECT_EQ(format.channels, row.channels);
      EXPECT_EQ(format.frame_bytes, row.frame_bytes);
      EXPECT_EQ(format.frame_ticks, row.frame_ticks);
    }
  }
}

// RFC 3551 4.5: GSM 33 octets for 160 samples, LPC 14, G728 5 for 20, G729 10 for 80.
TEST(PayloadTest, StaticFormatsTellHowLongTheirBytesLast) {
  constexpr Dynamic kFrames[] = {
      {"PCMU", "", 8000, 1, 1, 1},         {"PCMA", "", 8000, 1, 1, 1},
      {"G722", "", 8000, 1, 1, 1},         {"GSM", "", 8000, 1, 33, 160},
      {"LPC", "", 8000, 1, 14, 160},       {"G728", "", 8000, 1, 5, 20},
      {"G729", "", 8000, 1, 10, 80},       {"L16/44100/2", "", 44100, 2, 4, 1},
      {"L16/44100/1", "", 44100, 1, 2, 1}, {"G723", "", 8000, 1, 0, 0},
      {"MPA", "", 90000, 1, 0, 0},         {"DVI4/8000", "", 8000, 1, 0, 0},
      {"QCELP", "", 8000, 1, 0, 0},        {"MP2T", "", 90000, 0, 0, 0}};
  for (const Dynamic& row : kFrames) {
    SCOPED_TRACE(row.said);
    const PayloadFormat format = value_of(find_payload(row.said));
    EXPECT_EQ(format.frame_bytes, row.frame_bytes);
    EXPECT_EQ(format.frame_ticks, row.frame_ticks);
  }
}

TEST(PayloadTest, AnEncodingOfAStaticTypeIsThatTypeForPayloadAndADynamicOneForEncoding) {
  EXPECT_EQ(value_of(find_payload("PCMU/8000")).payload_type, 0);
  EXPECT_EQ(value_of(find_payload("MP2T/90000")).payload_type, 33);
  EXPECT_EQ(value_of(dynamic_payload("MP2T/90000")).payload_type, 96);
  EXPECT_EQ(value_of(dynamic_payload("MP2T/90000")).name, "MP2T/90000");
  EXPECT_EQ(value_of(dynamic_payload("L16/44100/2")).payload_type, 96);
}

TEST(PayloadTest, UnknownNamesAreRefusedWithTheKnownOnes) {
  for (const char* name : {"", "MP2", "MP2TS", "MP2T ", "33", "opus2/48000"}) {
    SCOPED_TRACE(name);
    const auto format = find_payload(name);
    expect_error(format, ErrorKind::kUsage, std::string("--payload: '") + name + "' is not known",
                 "--pt N --clock HZ");
    EXPECT_THAT(format.error().hint, testing::HasSubstr("PCMU"));
    EXPECT_THAT(format.error().hint, testing::HasSubstr("MP2T"));
  }
}

// Their payload formats have headers that are made from the bytes, or need each picture's time.
TEST(PayloadTest, WhatAPrefixCannotCarryIsRefusedWithTheReason) {
  constexpr std::pair<const char*, const char*> kHeaders[] = {
      {"H264", "RFC 6184"}, {"h264/90000", "RFC 6184"},
      {"H265", "RFC 7798"}, {"HEVC", "RFC 7798"},
      {"VP8", "RFC 7741"},  {"VP9", "RFC 9628"},
      {"AAC", "RFC 3640"},  {"MPEG4-GENERIC/48000/2", "RFC 3640"},
      {"JPEG", "RFC 2435"}, {"H261", "RFC 4587"},
      {"MPV", "RFC 2250"},  {"AMR", "RFC 4867"},
      {"AC3", "RFC 4184"},  {"CN", "RFC 3389"}};
  for (const auto& [name, rfc] : kHeaders) {
    SCOPED_TRACE(name);
    expect_error(find_payload(name), ErrorKind::kUsage, rfc, "--payload MP2T");
    expect_error(dynamic_payload(name), ErrorKind::kUsage, "zcctl only puts a header before them",
                 "let the application make RTP");
  }
}

TEST(PayloadTest, WhatContradictsAKnownEncodingIsRefused) {
  expect_error(dynamic_payload("opus/44100/2"), ErrorKind::kUsage,
               "the RTP clock of opus is 48000 Hz, not 44100", "opus/48000/2");
  expect_error(dynamic_payload("opus/48000/1"), ErrorKind::kUsage,
               "opus is always written opus/48000/2", "RFC 7587");
  expect_error(dynamic_payload("G722/16000"), ErrorKind::kUsage,
               "the RTP clock of G722 is 8000 Hz, not 16000", "G722/8000");
  for (const char* name : {"L16", "l24", "L8"})
    expect_error(find_payload(name), ErrorKind::kUsage, "needs its rate and channels", "/48000/2");
}

TEST(PayloadTest, WhatNobodyKnowsIsTakenAsTheOperatorSaysIt) {
  const PayloadFormat format = value_of(dynamic_payload("X-own/16000/2"));
  EXPECT_EQ(format.name, "X-own/16000/2");
  EXPECT_EQ(format.clock_hz, 16000U);
  EXPECT_EQ(format.frame_bytes, 0U);
  EXPECT_EQ(format.media, ZC_MEDIA_UNKNOWN);
  expect_error(dynamic_payload("X-own"), ErrorKind::kUsage, "the RTP clock rate is missing",
               "NAME/CLOCK");
}

// What is no token (RFC 8866 9) could end the line, and begin another.
TEST(PayloadTest, WhatIsNoEncodingIsRefused) {
  for (const char* text : {"", "/48000", "x/", "x/y", "x/48000/", "x/48000/0", "a b", "x/48000/2/1",
                           "x\r\na=sendonly", "x/48000/256", "x/100000001"}) {
    const auto format = dynamic_payload(text);
    ASSERT_FALSE(format) << text;
    EXPECT_EQ(format.error().kind, ErrorKind::kUsage);
    EXPECT_THAT(format.error().message, testing::StartsWith("--encoding"));
  }
}

TEST(PayloadTest, ATypeWithAnotherClockIsNotTheStaticFormat) {
  EXPECT_FALSE(find_payload(33, 8000));
  EXPECT_FALSE(find_payload(0, 90000));
  EXPECT_FALSE(find_payload(96, 90000));
  EXPECT_FALSE(find_payload(127, 0));
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
