// SPDX-License-Identifier: GPL-2.0-only
#include "report/document.h"

#include <fmt/format.h>

#include <algorithm>

namespace zc::bench {
namespace {

constexpr double kRoomAtTheEnd = 1.04;

Status draw_figure(Figure& figure) {
  double longest = 0;
  for (const Panel& panel : figure.panels)
    longest = std::max(longest, panel.longest_bar());
  figure.drawn.clear();
  for (const Panel& panel : figure.panels) {
    const std::string prefix = fmt::format("{}-{}-", figure.id, figure.drawn.size());
    const std::string script =
        panel.bars.empty() ? curves_script(panel) : bars_script(panel, longest * kRoomAtTheEnd);
    figure.drawn.push_back(panel.empty()
                               ? std::string()
                               : ZC_TRY(draw(script, prefix, figure.title + ", " + panel.title)));
  }
  return ok();
}

}  // namespace

bool Figure::empty() const {
  return std::all_of(panels.begin(), panels.end(), [](const Panel& p) { return p.empty(); });
}

Status draw_figures(Document& document) {
  for (Block& block : document.blocks) {
    if (auto* const figure = std::get_if<Figure>(&block)) ZC_TRY(draw_figure(*figure));
  }
  return ok();
}

}  // namespace zc::bench
