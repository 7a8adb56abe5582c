// SPDX-License-Identifier: GPL-2.0-only
// Text of others on a terminal: a command line, a device's name. Knows nothing of who prints it.
#pragma once

#include <string>
#include <string_view>

namespace zc {

// The text with its control characters as C writes them, "\n" or "\x1b": those of ASCII, and those
// that ISO/IEC 6429 has above (U+0080 to U+009F in UTF-8), among which is a second way to begin an
// escape sequence. All other bytes stay.
std::string printable(std::string_view text);

// The text as a POSIX shell takes it for one word: in quotes, where it needs them.
std::string shell_word(const std::string& text);

}  // namespace zc
