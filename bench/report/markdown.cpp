// SPDX-License-Identifier: GPL-2.0-only
#include "markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/table.h"

namespace zc::bench {
namespace {

std::string markdown(const Span& span) {
  // A backtick cannot be escaped within code.
  if (span.kind == Span::kCode && span.text.find('`') == std::string::npos)
    return "`" + span.text + "`";
  const std::string text = escape_markdown(span.text);
  return span.kind == Span::kStrong ? "**" + text + "**" : text;
}

std::string markdown(const Line& spans) {
  std::string text;
  for (const Span& span : spans)
    text += markdown(span);
  return text;
}

std::string markdown(const Heading& heading) {
  return std::string(static_cast<size_t>(heading.level), '#') + " " +
         escape_markdown(heading.text) + "\n\n";
}

std::string markdown(const Paragraph& paragraph) {
  return (paragraph.warning ? "> " : "") + markdown(paragraph.text) + "\n\n";
}

std::string markdown(const Bullets& bullets) {
  std::string text;
  for (const Line& one : bullets.lines)
    text += "- " + markdown(one) + "\n";
  return text + "\n";
}

std::string row_of(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells)
    text += " " + escape_markdown(cell) + " |";
  return text + "\n";
}

std::string markdown(const Table& table) {
  std::string text = table.caption.empty() ? "" : "**" + escape_markdown(table.caption) + "**\n\n";
  if (!table.note.empty()) text += escape_markdown(table.note) + "\n\n";
  std::vector<std::string> names;
  std::string rule = "|";
  for (const Table::Column& column : table.columns) {
    names.push_back(column.name);
    rule += column.number ? "---:|" : "---|";
  }
  text += row_of(names) + rule + "\n";
  for (const TableRow& row : table.rows)
    text += row_of(row.cells);
  return text + "\n";
}

// Three digits of each: what is drawn has any size.
std::string brackets_of(const Estimate& value) {
  const char* const to = value.low < 0 ? " to " : "–";
  return in_brackets(value, fmt::format("{:.3g}{}{:.3g}", value.low, to, value.high));
}

std::string value_of(const Bar& bar) {
  if (bar.value.rounds == 0) return bar.missing;
  const std::string text = bar.figure + " " + brackets_of(bar.value);
  return bar.paper > 0 ? text + fmt::format("; paper {:.2f}", bar.paper) : text;
}

// A column for each panel, a row for each label in the order of the first one that has it.
Table bars_table(const Figure& figure) {
  Table table{"", {{figure.panels.front().x_axis, false}}, {}};
  for (const Panel& panel : figure.panels) {
    table.columns.push_back({panel.title, true});
    for (const Bar& bar : panel.bars) {
      auto row = std::find_if(table.rows.begin(), table.rows.end(),
                              [&](const TableRow& r) { return r.cells[0] == bar.label; });
      if (row == table.rows.end()) row = table.rows.insert(row, TableRow{{bar.label}});
      row->cells.resize(table.columns.size() - 1, "");
      row->cells.push_back(value_of(bar));
    }
  }
  for (TableRow& row : table.rows)
    row.cells.resize(table.columns.size(), "");
  return table;
}

// A column for each curve, a row for each x that one of them has.
Table curves_table(const Panel& panel) {
  Table table{panel.title + ": " + panel.y_axis, {{panel.x_axis, true}}, {}};
  std::map<double, std::vector<std::string>> rows;
  for (size_t i = 0; i < panel.curves.size(); i++) {
    table.columns.push_back({panel.curves[i].label, true});
    for (const Point& point : panel.curves[i].points) {
      if (point.y.rounds == 0) continue;
      auto& cells = rows[point.x];
      cells.resize(panel.curves.size());
      cells[i] = fmt::format("{:.3g} {}", point.y.median, brackets_of(point.y));
    }
  }
  for (auto& [x, cells] : rows) {
    cells.insert(cells.begin(), fmt::format("{:g}", x));
    table.rows.push_back({std::move(cells)});
  }
  return table;
}

// What stands above each picture.
std::string notes_of(const Figure& figure) {
  std::string text;
  for (const Panel& panel : figure.panels) {
    if (!panel.note.empty()) text += "- " + escape_markdown(panel.title + ": " + panel.note) + "\n";
  }
  return text.empty() ? text : text + "\n";
}

std::string markdown(const Figure& figure) {
  std::string text =
      "**" + escape_markdown(figure.title) + "** " + markdown(figure.caption) + "\n\n";
  if (figure.empty()) return text + "> " + escape_markdown(figure.why_empty) + "\n\n";
  text += notes_of(figure);
  if (!figure.panels.front().bars.empty()) return text + markdown(bars_table(figure));
  for (const Panel& panel : figure.panels)
    text += markdown(curves_table(panel));
  return text;
}

}  // namespace

std::string escape_markdown(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      escaped += ' ';
      continue;
    }
    // Underscores within words are harmless in GitHub's Markdown, and most method names have them.
    if (std::string_view("\\`*[]<>|#").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string to_markdown(const Document& document) {
  std::string text =
      "# " + escape_markdown(document.title) + "\n\n" + escape_markdown(document.subtitle) + "\n\n";
  for (const Block& block : document.blocks)
    text += std::visit([](const auto& one) { return markdown(one); }, block);
  text.pop_back();
  return text;
}

}  // namespace zc::bench
