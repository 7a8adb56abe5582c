// SPDX-License-Identifier: GPL-2.0-only
#include "html.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "html_style.h"

namespace zc::bench {
namespace {

// Text that needs a line of its own in a narrow cell, rather than a table of two screens' width.
constexpr size_t kWideCell = 22;

std::string html(const Span& span) {
  std::string text = escape_html(span.text);
  if (span.kind == Span::kStrong) return "<strong>" + text + "</strong>";
  if (span.kind == Span::kCode) return "<code>" + text + "</code>";
  return text;
}

std::string html(const Line& spans) {
  std::string text;
  for (const Span& span : spans)
    text += html(span);
  return text;
}

// "Where zcctl loses" → "where-zcctl-loses", for links within the page.
std::string anchor(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool keep = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (keep) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!keep && !name.empty() && name.back() != '-') name += '-';
  }
  return name;
}

std::string html(const Heading& heading) {
  const std::string id =
      heading.level == 2 ? fmt::format(" id=\"{}\"", anchor(heading.text)) : std::string();
  return fmt::format("<h{0}{1}>{2}</h{0}>\n", heading.level, id, escape_html(heading.text));
}

std::string html(const Paragraph& paragraph) {
  return fmt::format("<p{}>{}</p>\n", paragraph.warning ? " class=\"warning\"" : "",
                     html(paragraph.text));
}

std::string html(const Bullets& bullets) {
  std::string text = "<ul>\n";
  for (const Line& one : bullets.lines)
    text += "<li>" + html(one) + "</li>\n";
  return text + "</ul>\n";
}

// Marks where the line may be broken if there is no room: an interval stays whole, as do a method's
// words.
std::string html(const std::string& cell, bool number) {
  std::string text = escape_html(cell);
  if (number) {
    replace_all(text, " (", " <wbr>(");
    replace_all(text, " [", " <wbr>[");
  } else {
    replace_all(text, "_", "_<wbr>");
  }
  return text;
}

// A class of the page's style sheet.
const char* class_of(RowTone tone) {
  switch (tone) {
    case RowTone::kZcctl:
      return "zcctl";
    case RowTone::kReference:
      return "reference";
    case RowTone::kBaseline:
      return "baseline";
    case RowTone::kVoid:
      return "void";
    default:
      return "";
  }
}

std::string html(const Table& table, const TableRow& row) {
  std::string text =
      row.tone == RowTone::kPlain ? "<tr>" : fmt::format("<tr class=\"{}\">", class_of(row.tone));
  for (size_t i = 0; i < row.cells.size(); i++) {
    const std::string& cell = row.cells[i];
    const bool number = i < table.columns.size() && table.columns[i].number;
    const char* const style = number                    ? " class=\"number\""
                              : cell.size() > kWideCell ? " class=\"wide\""
                                                        : "";
    text += fmt::format("<td{}>{}</td>", style, html(cell, number));
  }
  return text + "</tr>\n";
}

// What stands above is outside of what scrolls, so that a phone shows all of it.
std::string heading_of(const Table& table) {
  std::string text;
  if (!table.caption.empty())
    text += "<p class=\"caption\">" + escape_html(table.caption) + "</p>\n";
  if (!table.note.empty()) text += "<p class=\"note\">" + escape_html(table.note) + "</p>\n";
  return text;
}

std::string html(const Table& table) {
  std::string text = heading_of(table) + "<div class=\"scroll\" tabindex=\"0\"><table>";
  text += "\n<thead><tr>";
  for (const Table::Column& column : table.columns)
    text += fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"number\"" : "",
                        html(column.name, false));
  text += "</tr></thead>\n<tbody>\n";
  for (const TableRow& row : table.rows)
    text += html(table, row);
  return text + "</tbody></table></div>\n";
}

bool has_bar(const Figure& figure, bool (*is)(const Bar& bar)) {
  return std::any_of(figure.panels.begin(), figure.panels.end(), [&](const Panel& panel) {
    return std::any_of(panel.bars.begin(), panel.bars.end(), is);
  });
}

std::string swatch(Tone tone, const char* text) {
  return fmt::format("<li><span class=\"swatch\" style=\"background:{}\"></span>{}</li>",
                     colour_of(tone), text);
}

// What the whiskers are, which is not the same everywhere where rounds are few.
std::string whiskers(const Figure& figure) {
  const bool certain = has_bar(figure, [](const Bar& b) { return b.value.certain(); });
  const bool range =
      has_bar(figure, [](const Bar& b) { return b.value.rounds > 0 && !b.value.certain(); });
  const char* const few = "smallest to largest: too few rounds for an interval";
  return fmt::format("<li>&#9500;&#9472;&#9508; {}{}{}</li>", certain ? "95 % interval" : "",
                     certain && range ? ", or " : "", range ? few : "");
}

std::string legend(const Figure& figure) {
  std::string text;
  if (has_bar(figure, [](const Bar& b) { return b.tone == Tone::kApplication; }))
    text += swatch(Tone::kApplication, "the application does it all");
  if (has_bar(figure, [](const Bar& b) { return b.tone == Tone::kZcctl; }))
    text += swatch(Tone::kZcctl, "zcctl makes the headers");
  if (has_bar(figure, [](const Bar& b) { return b.tone == Tone::kReference; }))
    text += swatch(Tone::kReference, "no RTP, or RTP from the file: a reference");
  if (has_bar(figure, [](const Bar& b) { return b.paper > 0; }))
    text += "<li><span class=\"mark\">&#9671;</span>the paper's own figure, from its Table 2</li>";
  if (!text.empty()) text += whiskers(figure);
  return text.empty() ? text : "<ul class=\"legend\">" + text + "</ul>\n";
}

std::string html(const Panel& panel, const std::string& svg) {
  std::string text = "<div class=\"panel\"><h4>" + escape_html(panel.title) + "</h4>\n";
  if (!panel.note.empty()) text += "<p class=\"note\">" + escape_html(panel.note) + "</p>\n";
  if (svg.empty()) return text + "<p class=\"empty\">Nothing was measured here.</p></div>\n";
  return text + svg + "</div>\n";
}

std::string html(const Figure& figure) {
  std::string text = "<figure id=\"" + escape_html(figure.id) +
                     "\">\n<figcaption><span class=\"title\">" + escape_html(figure.title) +
                     "</span> " + html(figure.caption) + "</figcaption>\n";
  if (figure.empty())
    return text + "<p class=\"warning\">" + escape_html(figure.why_empty) + "</p></figure>\n";
  text += legend(figure) + "<div class=\"panels\">\n";
  for (size_t i = 0; i < figure.panels.size(); i++)
    text += html(figure.panels[i], i < figure.drawn.size() ? figure.drawn[i] : std::string());
  return text + "</div>\n</figure>\n";
}

std::string navigation(const Document& document) {
  std::string text = "<nav>";
  for (const Block& block : document.blocks) {
    const auto* const heading = std::get_if<Heading>(&block);
    if (heading != nullptr && heading->level == 2)
      text +=
          fmt::format("<a href=\"#{}\">{}</a> ", anchor(heading->text), escape_html(heading->text));
  }
  return text + "</nav>\n";
}

}  // namespace

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

std::string escape_html(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string to_html(const Document& document) {
  const std::string title = escape_html(document.title);
  std::string text = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  text += "<title>" + title + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n";
  text += "<h1>" + title + "</h1>\n";
  text += "<p class=\"subtitle\">" + escape_html(document.subtitle) + "</p>\n";
  text += navigation(document);
  for (const Block& block : document.blocks)
    text += std::visit([](const auto& one) { return html(one); }, block);
  return text + "</body>\n</html>\n";
}

}  // namespace zc::bench
