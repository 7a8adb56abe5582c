// SPDX-License-Identifier: GPL-2.0-only
// Turns a folder of results into the files of a report.
#pragma once

#include <string>

#include "base/result.h"
#include "report/document.h"

namespace zc::bench {

struct ReportFiles {
  std::string html, markdown;
};
// `out`: the name of the page, which ends in .html; or a folder, for report.html and report.md in
// it. Empty: the folder of the results.
ReportFiles report_files(const std::string& folder, const std::string& out);

std::string files_text(const ReportFiles& files);
std::string files_json(const ReportFiles& files);

// Writes the Markdown without gnuplot, too, and returns kUnsupported then.
Status write_report(const std::string& folder, const ReportFiles& files);
// Draws and writes the page alone.
Status write_html(Document document, const std::string& path);

// A file with that text, in a folder that is there.
Status write_text(const std::string& path, const std::string& text);

}  // namespace zc::bench
