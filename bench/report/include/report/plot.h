// SPDX-License-Identifier: GPL-2.0-only
// Pictures of a report: what is to be drawn, and its way through gnuplot to SVG. Knows nothing of
// methods and suites.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "results/results.h"

namespace zc::bench {

// What a bar stands for; a colour each, and one that a printer without colours keeps apart.
enum class Tone : uint8_t { kApplication, kZcctl, kReference };
const char* colour_of(Tone tone);  // "#0072b2"

struct Bar {
  std::string label;
  Tone tone = Tone::kApplication;
  Estimate value;       // rounds == 0: no bar
  std::string figure;   // beside the bar, in a column of its own
  std::string missing;  // instead of the bar: "impossible"
  double paper = 0;     // the paper's value, as a mark; 0: none
};

struct Point {
  double x = 0;
  Estimate y;
};
struct Curve {
  std::string label;
  std::vector<Point> points;
};

// One picture: bars or curves.
struct Panel {
  std::string title, note;
  std::string x_axis, y_axis;  // y of curves only
  double reference = 0;        // a dashed line across the bars; 0: none
  bool log_y = false;          // of curves
  std::vector<Bar> bars;
  std::vector<Curve> curves;

  bool empty() const;          // nothing to draw
  double longest_bar() const;  // with its interval and the paper's mark
};

// What gnuplot is told. `x_end`: where the axis of bars ends, so that panels can be compared.
std::string bars_script(const Panel& panel, double x_end);
std::string curves_script(const Panel& panel);

// An <svg> element for a page that has several: its ids begin with `prefix`. Fails with
// kUnsupported where gnuplot is not installed.
Result<std::string> draw(const std::string& script, const std::string& prefix,
                         const std::string& description);

}  // namespace zc::bench
