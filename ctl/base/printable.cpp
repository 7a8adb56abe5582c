// SPDX-License-Identifier: GPL-2.0-only
#include "base/printable.h"

namespace zc {
namespace {

std::string escaped(unsigned char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  if (byte == '\n') return "\\n";
  if (byte == '\r') return "\\r";
  if (byte == '\t') return "\\t";
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

// How many bytes of a control character `text` begins with; 0: it begins with another one.
size_t control_bytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  const bool upper = text.size() > 1 && byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f;
  return upper ? 2 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const size_t control = control_bytes(text);
    for (size_t i = 0; i < control; i++)
      shown += escaped(static_cast<unsigned char>(text[i]));
    if (control == 0) shown += text.front();
    text.remove_prefix(control == 0 ? 1 : control);
  }
  return shown;
}

std::string shell_word(const std::string& text) {
  constexpr const char* kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string word = "'";
  for (const char letter : text)
    word += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return word + "'";
}

}  // namespace zc
