// SPDX-License-Identifier: GPL-2.0-only
// A document as one HTML page: style and pictures are in it, no script, nothing to fetch.
#pragma once

#include <string>
#include <string_view>

#include "report/document.h"

namespace zc::bench {

void replace_all(std::string& text, std::string_view what, std::string_view by);
std::string escape_html(const std::string& text);
// Figures have to be drawn before.
std::string to_html(const Document& document);

}  // namespace zc::bench
