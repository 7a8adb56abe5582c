// SPDX-License-Identifier: GPL-2.0-only
// What follows from counts: which way is right, what is wrong, what to attach with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/verify.h"
#include "expect.h"
#include "out/view.h"

namespace zc::core {
namespace {

using testing::HasSubstr;

ShapeReport shape_with(uint64_t arrived, uint64_t stamped = 200) {
  ShapeReport shape;
  shape.sent = 200;
  shape.stamped = stamped;
  shape.tally.arrived = shape.tally.right = arrived;
  return shape;
}

TEST(VerdictTest, AllOrNearlyAllThatArriveAreRight) {
  EXPECT_EQ(fault_of(shape_with(200)), "");
  EXPECT_EQ(fault_of(shape_with(196)), "");
  EXPECT_EQ(fault_of(shape_with(195)), "5 lost");
  EXPECT_EQ(fault_of(shape_with(0)), "none arrived");
}

TEST(VerdictTest, WhatIsWrongIsNamed) {
  ShapeReport shape = shape_with(200);
  shape.tally.wrong_sum = 7;
  EXPECT_EQ(fault_of(shape), "7 with a wrong checksum");
  shape.tally.bad_payload = 3;
  EXPECT_EQ(fault_of(shape), "7 with a wrong checksum; 3 with a damaged payload");
  shape = shape_with(200);
  shape.tally.unfinished = 200;
  EXPECT_THAT(fault_of(shape), HasSubstr("the path is on this host"));
}

TEST(VerdictTest, WhatTheListenerCouldNotSeeIsNoFaultOfTheWay) {
  ShapeReport shape = shape_with(0);
  shape.tally.merged = 10;
  EXPECT_TRUE(shape.unproved());
  EXPECT_THAT(fault_of(shape), testing::StartsWith("10 merged by the listener's kernel"));
  shape = shape_with(200);
  EXPECT_FALSE(shape.unproved());
  shape.tally.unfinished = 199;
  EXPECT_TRUE(shape.unproved());
  shape.tally.bad_header = 1;
  EXPECT_FALSE(shape.unproved());
}

TEST(VerdictTest, WhatNeverLeftIsToldFromWhatWasLost) {
  EXPECT_EQ(fault_of(shape_with(0, 0)), "they do not leave by this device");
  ShapeReport shape = shape_with(150, 150);
  shape.dropped["short"] = 50;
  EXPECT_EQ(fault_of(shape), "50 dropped here as short");
  EXPECT_EQ(fault_of(ShapeReport{}), "the kernel here took none");
}

TEST(VerdictTest, WhatLeftUnstampedIsToldFromWhatWentElsewhere) {
  ShapeReport shape = shape_with(200, 0);
  shape.tally.right = 0;
  shape.tally.bare = 200;
  shape.dev = "eth0";
  EXPECT_EQ(fault_of(shape),
            "they left by eth0 unstamped: something stands before zcctl's program; 200 without "
            "RTP header");
  shape.before = "tcx program 17 (foo)";
  EXPECT_EQ(fault_of(shape),
            "they left by eth0 unstamped: tcx program 17 (foo) stands before zcctl's program; 200 "
            "without RTP header");
  shape.elsewhere = true;
  EXPECT_EQ(fault_of(shape), "they do not leave by this device; 200 without RTP header");
  shape = shape_with(0, 0);
  shape.before = "tcx program 17 (foo)";
  EXPECT_EQ(fault_of(shape), "none came to zcctl's program: tcx program 17 (foo) stands before it");
}

TEST(VerdictTest, WhatWasLostBeforeTheStampIsLostHere) {
  EXPECT_EQ(fault_of(shape_with(180, 180)), "20 lost, 20 of them here, before zcctl's program");
  EXPECT_EQ(fault_of(shape_with(170, 180)), "30 lost, 20 of them here, before zcctl's program");
  EXPECT_EQ(fault_of(shape_with(180, 200)), "20 lost");
  EXPECT_EQ(fault_of(shape_with(198, 198)), "");
  ShapeReport shape = shape_with(160, 140);  // 20 of those that arrived were never stamped
  shape.tally.bare = 20;
  EXPECT_EQ(fault_of(shape),
            "40 lost, 40 of them here, before zcctl's program; 20 without RTP header");
}

WayReport way_with(zc_checksum way, const std::string& fault) {
  WayReport report;
  report.way = way;
  report.single = report.super = shape_with(200);
  report.single.fault = fault;
  return report;
}

VerifyReport report_with(const std::string& uni, const std::string& sum, const std::string& zero) {
  VerifyReport report;
  report.dev = "eth0";
  report.automatic.way = ZC_CHECKSUM_SUM;
  report.ways = {way_with(ZC_CHECKSUM_UNI, uni), way_with(ZC_CHECKSUM_SUM, sum),
                 way_with(ZC_CHECKSUM_ZERO, zero), way_with(ZC_CHECKSUM_LCO, "no")};
  conclude(report);
  return report;
}

TEST(VerdictTest, TheCheapestRightWayIsAdvised) {
  EXPECT_EQ(report_with("", "", "").advice, ZC_CHECKSUM_UNI);
  EXPECT_EQ(report_with("no", "", "").advice, ZC_CHECKSUM_SUM);
  VerifyReport complete = report_with("", "", "");
  complete.arrive_complete = true;
  conclude(complete);
  EXPECT_EQ(complete.advice, ZC_CHECKSUM_SUM) << "it reads no payload there, and is shorter";
}

TEST(VerdictTest, ZeroIsNeverAdvised) {
  const VerifyReport report = report_with("no", "no", "");
  EXPECT_FALSE(report.advice);
  EXPECT_EQ(report.path_fault, "");
  EXPECT_THAT(out::make_text_view()->verify(report), HasSubstr("\nonly zero arrives right"));
  EXPECT_THAT(out::make_text_view()->verify(report), testing::Not(HasSubstr("--checksum zero")));
}

TEST(VerdictTest, WhatIsWrongWithAllIsThePaths) {
  const VerifyReport report = report_with("a", "b", "c");
  EXPECT_FALSE(report.advice);
  EXPECT_FALSE(report.automatic_is_right());
  EXPECT_EQ(report.path_fault, "b") << "that of the way that auto takes";
}

TEST(VerdictTest, AWayIsRightOnlyIfPiecesAre) {
  VerifyReport report = report_with("", "", "");
  report.ways[0].super.fault = "200 with a wrong checksum";
  conclude(report);
  EXPECT_EQ(report.advice, ZC_CHECKSUM_SUM);
  report.ways[0].super = {"no stage here"};
  conclude(report);
  EXPECT_EQ(report.advice, ZC_CHECKSUM_UNI) << "where there are none they do not count";
}

TEST(VerdictTest, TextTellsFaultAdviceNatAndSize) {
  VerifyReport report = report_with("7 with a wrong checksum", "", "");
  report.seen_from = "192.0.2.1:9";
  for (WayReport& way : report.ways)
    way.largest_sent = 1500, way.largest = 1400;
  const std::string text = out::make_text_view()->verify(report);
  EXPECT_THAT(text,
              testing::AllOf(HasSubstr("WRONG: 7 with a wrong checksum"),
                             HasSubstr("\nattach with --checksum sum\n"),
                             HasSubstr("NAT on the path"), HasSubstr("more than 1400 bytes")));
  const std::string json = out::make_json_view()->verify(report);
  EXPECT_THAT(json, testing::AllOf(HasSubstr("\"schema\":1"), HasSubstr("\"advice\":\"sum\""),
                                   HasSubstr("\"auto_right\":true")));
}

TEST(VerdictTest, AListenerIsAHostAndNoGroup) {
  EXPECT_EQ(value_of(parse_verify("10.0.0.2")).text(), "10.0.0.2:47000");
  EXPECT_EQ(value_of(parse_verify("[fd00::2]:9")).text(), "[fd00::2]:9");
  expect_error(parse_verify("239.0.0.1"), ErrorKind::kUsage, "is a group", "--listen");
  expect_error(parse_verify("255.255.255.255"), ErrorKind::kUsage, "is no machine's", "--listen");
}

}  // namespace
}  // namespace zc::core
