// SPDX-License-Identifier: GPL-2.0-only
// The way through gnuplot. Skipped where it is not installed.
#include "report/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "html.h"
#include "report/document.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

Panel panel_with(const std::string& label) {
  Panel panel;
  panel.title = "512 bytes";
  panel.x_axis = "CPU time";
  panel.reference = 1;
  panel.bars = {{label, Tone::kZcctl, {0.5, 0.4, 0.6, 5}, "0.50", "", 0.7},
                {"impossible_one", Tone::kZcctl, {}, "", "impossible", 0}};
  return panel;
}

class Plot : public testing::Test {
 protected:
  std::string drawn(const Panel& panel) {
    auto svg = draw(bars_script(panel, 1.2), "f1-", "a figure");
    if (!svg && svg.error().kind == ErrorKind::kUnsupported) skipped_ = true;
    return svg ? *svg : svg.error().message;
  }
  bool skipped_ = false;
};

TEST_F(Plot, a_bar_its_figure_and_its_reason_are_in_the_picture) {
  const std::string svg = drawn(panel_with("krtpsendfile"));
  if (skipped_) GTEST_SKIP() << svg;
  EXPECT_THAT(svg, testing::StartsWith("<svg role=\"img\" aria-label=\"a figure\""));
  for (const char* const text : {">krtpsendfile<", ">0.50<", ">impossible<", ">CPU time<"})
    EXPECT_THAT(svg, HasSubstr(text));
}

TEST_F(Plot, ids_begin_with_the_prefix_so_that_a_page_may_have_many) {
  const std::string svg = drawn(panel_with("x"));
  if (skipped_) GTEST_SKIP() << svg;
  EXPECT_THAT(svg, HasSubstr("id='f1-gpPt0'"));
  EXPECT_THAT(svg, Not(HasSubstr("id='gpPt0'")));
  EXPECT_THAT(svg, Not(HasSubstr("href='#gp")));
}

// A backtick would run a program.
TEST_F(Plot, a_label_cannot_leave_its_quotes) {
  const std::string script = bars_script(panel_with("a\"; system('id') `id`\n\\$x"), 1.2);
  EXPECT_THAT(script, HasSubstr("\"a?; system(?id?) ?id????x\""));
  EXPECT_THAT(drawn(panel_with("<b>&\"`")), Not(HasSubstr("<b>")));
}

TEST_F(Plot, curves_have_a_line_each) {
  Panel panel;
  panel.x_axis = "bytes";
  panel.y_axis = "Gbit/s";
  panel.curves = {{"send", {{64, {1, 0.9, 1.1, 5}}, {128, {2, 1.9, 2.1, 5}}}}};
  auto svg = draw(curves_script(panel), "c-", "curves");
  if (!svg && svg.error().kind == ErrorKind::kUnsupported) GTEST_SKIP();
  ASSERT_TRUE(svg) << svg.error().message << svg.error().detail;
  EXPECT_THAT(*svg, HasSubstr(">send<"));
}

// "below 0" is where a loan is cheaper than no copy: the interval reaches from -400 to -200.
TEST_F(Plot, curves_go_below_zero_where_the_data_does) {
  Panel panel;
  panel.curves = {{"loan", {{64, {300, 200, 400, 6}}, {128, {-300, -400, -200, 6}}}}};
  auto svg = draw(curves_script(panel), "c-", "curves");
  if (!svg && svg.error().kind == ErrorKind::kUnsupported) GTEST_SKIP();
  ASSERT_TRUE(svg) << svg.error().message << svg.error().detail;
  EXPECT_THAT(*svg, HasSubstr(">-400<"));
}

TEST_F(Plot, curves_above_zero_begin_there) {
  Panel panel;
  panel.curves = {{"send", {{64, {300, 200, 400, 6}}, {128, {300, 200, 400, 6}}}}};
  auto svg = draw(curves_script(panel), "c-", "curves");
  if (!svg && svg.error().kind == ErrorKind::kUnsupported) GTEST_SKIP();
  ASSERT_TRUE(svg) << svg.error().message << svg.error().detail;
  EXPECT_THAT(*svg, HasSubstr(">0<"));
  EXPECT_THAT(*svg, Not(HasSubstr(">-")));
}

TEST_F(Plot, whiskers_of_few_rounds_are_not_called_an_interval) {
  Figure figure{"f", "", {}, {panel_with("x")}, "", {"<svg></svg>"}};
  figure.panels[0].bars[0].value.rounds = 6;
  EXPECT_THAT(to_html({"", "", {figure}}), HasSubstr("95 % interval</li>"));
  figure.panels[0].bars[0].value.rounds = 5;
  EXPECT_THAT(to_html({"", "", {figure}}), Not(HasSubstr("95 % interval")));
}

TEST_F(Plot, a_panel_without_figures_is_empty) {
  Panel panel = panel_with("x");
  panel.bars.erase(panel.bars.begin());
  EXPECT_TRUE(panel.empty());
}

}  // namespace
}  // namespace zc::bench
