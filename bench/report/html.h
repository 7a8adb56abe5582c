// A document as one HTML page: style and pictures are in it, no script, nothing to fetch.
#pragma once

#include <string>

#include "bench/report/document.h"

namespace zc::bench {

std::string escape_html(const std::string& text);
// Figures have to be drawn before.
std::string to_html(const Document& document);

}  // namespace zc::bench
