// SPDX-License-Identifier: GPL-2.0-only
#include "report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace zc::bench {
namespace {

// Pixels where the page is wide enough; a phone shows nine tenths of it.
constexpr int kWidth = 450;
constexpr int kBarHeight = 23;
constexpr int kBottom = 50;  // numbers and name of the axis
constexpr int kTop = 6;
// Widths at 13 pixels, in DejaVu Sans, which is as wide as any that a browser takes.
constexpr double kWideLetter = 12.8, kNarrowLetter = 5.6, kLetter = 8.3;
constexpr double kMostLabels = 0.6;  // of the width
constexpr size_t kMostLetters = 30;
constexpr int kCurvesHeight = 300;
constexpr double kTics = 5;

// Okabe and Ito's colours, which all kinds of colour blindness keep apart.
constexpr std::array<const char*, 6> kCurveColours{"#0072b2", "#d55e00", "#009e73",
                                                   "#cc79a7", "#e69f00", "#333333"};

// gnuplot takes quotes, backslashes and backticks for its own: none of them gets there.
std::string plain(const std::string& text) {
  std::string clean;
  for (const char c : text) {
    const bool taken = static_cast<unsigned char>(c) < ' ' ||
                       std::string_view("\"'`\\$|").find(c) != std::string_view::npos;
    clean += taken ? '?' : c;
  }
  return clean.empty() ? " " : clean;
}

std::string shortened(const std::string& text) {
  return text.size() <= kMostLetters ? text : text.substr(0, kMostLetters - 3) + "...";
}

double letter_width(char c) {
  if ((c & 0xc0) == 0x80) return 0;  // within a letter of UTF-8
  if (std::string_view("mwMW@%").find(c) != std::string_view::npos) return kWideLetter;
  return std::string_view("fijlrt.,:()[] ").find(c) != std::string_view::npos ? kNarrowLetter
                                                                              : kLetter;
}

double column_width(const Panel& panel, std::string Bar::*text) {
  double most = 0;
  for (const Bar& bar : panel.bars) {
    double width = 0;
    for (const char c : bar.*text)
      width += letter_width(c);
    most = std::max(most, width);
  }
  return most + 10;
}

// 1, 2 or 5 times a power of ten.
double tic_step(double range) {
  const double rough = range / kTics;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (rough <= step * power) return step * power;
  }
  return 10 * power;
}

std::string terminal(int height) {
  return fmt::format(
      "set terminal svg size {},{} dynamic noenhanced font 'sans-serif,13'\n"
      "set encoding utf8\nunset key\nset pointintervalbox 0\nset border lw 1 lc rgb '#555555'\n"
      "set tics textcolor rgb '#222222' nomirror\n"
      "set grid lt 1 lw 1 lc rgb '#dcdcdc'\n",
      kWidth, height);
}

// Rows of y, then the bar and its interval; a block for each tone, because each has its colour.
std::string bars_data(const Panel& panel, Tone tone) {
  std::string data = fmt::format("$tone{} << END\n", static_cast<int>(tone));
  for (size_t i = 0; i < panel.bars.size(); i++) {
    const Bar& bar = panel.bars[i];
    if (bar.tone != tone || bar.value.rounds == 0) continue;
    data += fmt::format("{} {:.6g} {:.6g} {:.6g}\n", i, bar.value.median, bar.value.low,
                        bar.value.high);
  }
  return data + "END\n";
}

bool has_tone(const Panel& panel, Tone tone) {
  return std::any_of(panel.bars.begin(), panel.bars.end(),
                     [&](const Bar& bar) { return bar.tone == tone && bar.value.rounds > 0; });
}

std::string marks_data(const Panel& panel) {
  std::string data;
  for (size_t i = 0; i < panel.bars.size(); i++) {
    if (panel.bars[i].paper > 0) data += fmt::format("{} {:.6g}\n", i, panel.bars[i].paper);
  }
  return data.empty() ? data : "$paper << END\n" + data + "END\n";
}

std::string bar_texts(const Panel& panel, double x_end) {
  std::string text;
  for (size_t i = 0; i < panel.bars.size(); i++) {
    const Bar& bar = panel.bars[i];
    text += fmt::format("set label \"{}\" at first 0,{} right offset character -0.7,0\n",
                        plain(shortened(bar.label)), i);
    if (bar.value.rounds > 0)
      text += fmt::format("set label \"{}\" at first {:.6g},{} left offset character 0.7,0\n",
                          plain(bar.figure), x_end, i);
    else
      text += fmt::format(
          "set label \"{}\" at first 0,{} left offset character 0.5,0 tc rgb '#666666'\n",
          plain(bar.missing.empty() ? "no figure" : bar.missing), i);
  }
  return text;
}

std::string bars_plot(const Panel& panel, bool has_marks) {
  std::string plot;
  for (const Tone tone : {Tone::kApplication, Tone::kZcctl, Tone::kReference}) {
    if (!has_tone(panel, tone)) continue;
    const std::string block = fmt::format("$tone{}", static_cast<int>(tone));
    plot += fmt::format(
        "{}{} using (0):1:(0):2:($1-0.36):($1+0.36) with boxxyerror fs solid 1 noborder "
        "lc rgb '{}' title 'median'",
        plot.empty() ? "plot " : ", ", block, colour_of(tone));
    plot += fmt::format(
        ", {} using 2:1:3:4 with xerrorbars pt 0 lw 1.4 lc rgb '#111111' title '95 %'", block);
  }
  if (has_marks)
    plot += ", $paper using 2:1 with points pt 12 ps 1.1 lw 1.6 lc rgb '#c01000' title 'paper'";
  return plot + "\n";
}

std::string curves_data(const Panel& panel) {
  std::string data;
  for (size_t i = 0; i < panel.curves.size(); i++) {
    data += fmt::format("$curve{} << END\n", i);
    for (const Point& point : panel.curves[i].points) {
      if (point.y.rounds > 0)
        data += fmt::format("{:.6g} {:.6g} {:.6g} {:.6g}\n", point.x, point.y.median, point.y.low,
                            point.y.high);
    }
    data += "END\n";
  }
  return data;
}

// Powers of eight, which are sizes that people know: 64, 512, 4096, 32768.
std::string size_tics(const Panel& panel) {
  double most = 1;
  for (const Curve& curve : panel.curves) {
    for (const Point& point : curve.points)
      most = std::max(most, point.x);
  }
  std::string tics;
  for (uint64_t size = 8; static_cast<double>(size) <= most; size *= 8)
    tics += fmt::format("{}\"{}\" {}", tics.empty() ? "" : ", ", size, size);
  return tics.empty() ? tics : "set xtics (" + tics + ")\n";
}

std::string curve_plot(const Curve& curve, size_t i) {
  const char* const colour = kCurveColours[i % kCurveColours.size()];
  return fmt::format(
      "$curve{0} using 1:2:3:4 with yerrorbars pt 0 lw 1.2 lc rgb '{2}' notitle, "
      "$curve{0} using 1:2 with linespoints lw 2 pt {1} ps 0.6 lc rgb '{2}' title \"{3}\"",
      i, 4 + i, colour, plain(curve.label));
}

}  // namespace

const char* colour_of(Tone tone) {
  switch (tone) {
    case Tone::kZcctl:
      return "#0072b2";
    case Tone::kReference:
      return "#e6c36a";
    default:
      return "#9aa5ad";
  }
}

bool Panel::empty() const {
  const auto has_point = [](const Curve& curve) {
    return std::any_of(curve.points.begin(), curve.points.end(),
                       [](const Point& point) { return point.y.rounds > 0; });
  };
  return std::none_of(bars.begin(), bars.end(), [](const Bar& b) { return b.value.rounds > 0; }) &&
         std::none_of(curves.begin(), curves.end(), has_point);
}

double Panel::longest_bar() const {
  double most = reference;
  for (const Bar& bar : bars)
    most = std::max({most, bar.value.high, bar.value.median, bar.paper});
  return most;
}

std::string bars_script(const Panel& panel, double x_end) {
  const int height = static_cast<int>(panel.bars.size()) * kBarHeight + kTop + kBottom;
  const double left = std::min(column_width(panel, &Bar::label), kMostLabels * kWidth);
  const double right = kWidth - column_width(panel, &Bar::figure) - 4;
  const std::string marks = marks_data(panel);
  std::string script = terminal(height);
  script += fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n",
                        left / kWidth, right / kWidth);
  script +=
      fmt::format("set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n",
                  1 - static_cast<double>(kTop) / height, static_cast<double>(kBottom) / height);
  script += fmt::format("set xrange [0:{:.6g}]\nset xtics {:.6g} format '%g' offset 0,0.3\n", x_end,
                        tic_step(x_end));
  script += fmt::format("set yrange [{}:-0.5]\nunset ytics\nset border 1\n",
                        static_cast<double>(panel.bars.size()) - 0.5);
  script += fmt::format("set xlabel \"{}\" offset 0,0.7\n", plain(panel.x_axis));
  if (panel.reference > 0)
    script += fmt::format(
        "set arrow from {0:.6g},graph 0 to {0:.6g},graph 1 nohead dt 2 lw 1.2 lc rgb '#333333'\n",
        panel.reference);
  script += bar_texts(panel, x_end) + marks;
  for (const Tone tone : {Tone::kApplication, Tone::kZcctl, Tone::kReference})
    script += bars_data(panel, tone);
  return script + bars_plot(panel, !marks.empty());
}

std::string curves_script(const Panel& panel) {
  const int key_rows = static_cast<int>(panel.curves.size() + 1) / 2;
  std::string script = terminal(kCurvesHeight + key_rows * 18);
  script += "set key above left horizontal maxcols 2 samplen 1.5 width 1\n";
  script += "set logscale x 2\nset border 3\n";
  // Starts at 0, or where the lowest interval ends.
  script += panel.log_y ? "set logscale y\n"
                        : "set yrange [*<0:*]\nset xzeroaxis lt 1 lw 1 lc rgb '#555555'\n";
  script += "set ytics format '%g'\n";
  script += fmt::format("set xlabel \"{}\"\nset ylabel \"{}\"\n", plain(panel.x_axis),
                        plain(panel.y_axis));
  script += "set offsets graph 0.04, graph 0.04, 0, 0\n";
  script += size_tics(panel) + curves_data(panel);
  for (size_t i = 0; i < panel.curves.size(); i++)
    script += (i == 0 ? "plot " : ", ") + curve_plot(panel.curves[i], i);
  return script + "\n";
}

}  // namespace zc::bench
