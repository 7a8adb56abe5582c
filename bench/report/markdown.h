// SPDX-License-Identifier: GPL-2.0-only
// A document as Markdown, with tables in place of pictures.
#pragma once

#include <string>

#include "report/document.h"

namespace zc::bench {

// Escapes it so that it is shown as it is, in a table's cell too.
std::string escape_markdown(const std::string& text);
std::string to_markdown(const Document& document);

}  // namespace zc::bench
