// SPDX-License-Identifier: GPL-2.0-only
// A report as a list of blocks, written once and rendered twice: html.h and markdown.h.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "report/plot.h"

namespace zc::bench {

struct Span {
  enum Kind : uint8_t { kPlain, kStrong, kCode };
  std::string text;
  Kind kind = kPlain;
};
using Line = std::vector<Span>;
inline Line line(std::string text) {
  return {{std::move(text), Span::kPlain}};
}
inline Span strong(std::string text) {
  return {std::move(text), Span::kStrong};
}
inline Span code(std::string text) {
  return {std::move(text), Span::kCode};
}

struct Heading {
  int level = 2;
  std::string text;
};
struct Paragraph {
  Line text;
  bool warning = false;
};
struct Bullets {
  std::vector<Line> lines;
};
// How a row stands out.
enum class RowTone : uint8_t { kPlain, kZcctl, kReference, kBaseline, kVoid };
struct TableRow {
  std::vector<std::string> cells;
  RowTone tone = RowTone::kPlain;
};
struct Table {
  struct Column {
    std::string name;
    bool number = false;
  };
  std::string caption;
  std::vector<Column> columns;
  std::vector<TableRow> rows;
  std::string note{};  // below the caption
};
// Panels beside each other. In Markdown, which has no pictures, a table of the same figures.
struct Figure {
  std::string id;  // "figure-5": of ids in the page
  std::string title;
  Line caption;
  std::vector<Panel> panels;
  std::string why_empty;           // said where no panel has anything to draw
  std::vector<std::string> drawn;  // an <svg> for each panel; "" where it is empty

  bool empty() const;
};

using Block = std::variant<Heading, Paragraph, Bullets, Table, Figure>;
struct Document {
  std::string title, subtitle;
  std::vector<Block> blocks;
};

// Fills every figure's `drawn`. Fails with kUnsupported where gnuplot is not installed.
Status draw_figures(Document& document);

}  // namespace zc::bench
