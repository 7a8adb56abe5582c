// SPDX-License-Identifier: GPL-2.0-only
#include "core/payload.h"

#include <strings.h>

#include <algorithm>
#include <array>

#include "base/number.h"

namespace zc::core {
namespace {

// RFC 3551 tables 4 and 5. Left out: formats that need a header made from their bytes (JPEG,
// H261, MPV, H263, …), which nobody can make who only counts bytes.
constexpr std::array kFormats{
    PayloadFormat{"PCMU", 0, 8000, "PCMU", 1, 0},
    PayloadFormat{"GSM", 3, 8000, "GSM", 1, 0},
    PayloadFormat{"G723", 4, 8000, "G723", 1, 0},
    PayloadFormat{"DVI4/8000", 5, 8000, "DVI4", 1, 0},
    PayloadFormat{"DVI4/16000", 6, 16000, "DVI4", 1, 0},
    PayloadFormat{"LPC", 7, 8000, "LPC", 1, 0},
    PayloadFormat{"PCMA", 8, 8000, "PCMA", 1, 0},
    PayloadFormat{"G722", 9, 8000, "G722", 1, 0},
    PayloadFormat{"L16/44100/2", 10, 44100, "L16", 2, 0},
    PayloadFormat{"L16/44100/1", 11, 44100, "L16", 1, 0},
    PayloadFormat{"QCELP", 12, 8000, "QCELP", 1, 0},
    PayloadFormat{"MPA", 14, 90000, "MPA", 1, 4},
    PayloadFormat{"G728", 15, 8000, "G728", 1, 0},
    PayloadFormat{"DVI4/11025", 16, 11025, "DVI4", 1, 0},
    PayloadFormat{"DVI4/22050", 17, 22050, "DVI4", 1, 0},
    PayloadFormat{"G729", 18, 8000, "G729", 1, 0},
    PayloadFormat{"MP2T", 33, 90000, "MP2T", 0, 0, false},
};

std::string known_names() {
  std::string names;
  for (const PayloadFormat& format : kFormats)
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

}  // namespace

Result<const PayloadFormat*> find_payload(std::string_view name) {
  const std::string wanted(name);
  const auto found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const PayloadFormat& format) {
        return strcasecmp(std::string(format.name).c_str(), wanted.c_str()) == 0;
      });
  if (found != kFormats.end()) return &*found;
  return usage_error("--payload: '" + wanted + "' is not known",
                     "known: " + known_names() + "; anything else: --pt N --clock HZ");
}

const PayloadFormat* find_payload(uint8_t payload_type, uint32_t clock_hz) {
  for (const PayloadFormat& format : kFormats) {
    if (format.payload_type == payload_type && format.clock_hz == clock_hz) return &format;
  }
  return nullptr;
}

Result<uint8_t> parse_payload_type(const std::string& text) {
  const uint64_t type = ZC_TRY(parse_number(text, 0, 127, "--pt"));
  if (type >= 72 && type <= 76) {
    return usage_error("--pt " + text + ": receivers take payload types 72 to 76 for RTCP",
                       "dynamic types are 96 to 127 (RFC 3551 6)");
  }
  return static_cast<uint8_t>(type);
}

}  // namespace zc::core
