// SPDX-License-Identifier: GPL-2.0-only
#include "scenario.h"

#include <algorithm>

namespace zc::test {
namespace {

constexpr uint64_t kMostCalls = 200000;
constexpr uint64_t kPipe = 65536;  // sendfile(2) brings so much at a time

// As often a few bytes as many.
uint64_t any_size(Random& random, uint64_t most) {
  uint64_t size = most;
  for (unsigned halves = static_cast<unsigned>(random() % 7); halves && size > 1; --halves)
    size /= 2;
  return between(random, 1, size);
}

zc_connection connection_of(const Conditions& setup, const Look& look, uint64_t skip_bytes) {
  zc_connection connection{};
  zc_framing& framing = connection.style.framing;
  framing.bytes = setup.bytes;
  framing.kind = setup.interleaved ? ZC_FRAMING_INTERLEAVED : ZC_FRAMING_RFC4571;
  framing.channel = look.channel;
  framing.frame_end = setup.never ? ZC_FRAME_END_NEVER : ZC_FRAME_END_CALL;
  framing.skip = setup.before == Before::kNothing ? ZC_SKIP_NONE
                 : setup.before == Before::kBytes ? ZC_SKIP_BYTES
                                                  : ZC_SKIP_HTTP;
  framing.skip_bytes = skip_bytes;
  connection.style.how.payload_type = look.payload_type;
  connection.style.how.timestamp = ZC_TIMESTAMP_PACKET;
  connection.style.ticks_whole = 1;
  connection.style.first_seq = look.first_seq;
  connection.style.ssrc = look.ssrc;
  connection.head.left = framing.skip == ZC_SKIP_BYTES ? skip_bytes : 0;
  connection.message.rest = ZC_MESSAGE_GONE;
  return connection;
}

}  // namespace

Scenario::Scenario(const Conditions& setup, uint64_t seed) : setup_(setup), random_(seed) {
  look_ = {.bytes = setup.bytes,
           .interleaved = setup.interleaved,
           .channel = static_cast<uint8_t>(random_()),
           .payload_type = static_cast<uint8_t>(random_() % 128),
           .first_seq = static_cast<uint16_t>(random_()),
           .ssrc = static_cast<uint32_t>(random_())};
  // In pages of 256 bytes a message of a few thousand is full already; in real ones it has 17 *
  // 32768.
  const uint64_t most = chance(random_, 100) && setup.bytes > 1000
                            ? 1200000
                            : std::clamp<uint64_t>(setup.bytes * 40ULL, 20000, 400000);
  uint64_t skip = 0;
  if (setup.before == Before::kHttp) {
    say_http();
  } else {
    if (setup.before == Before::kBytes) {
      skip = any_size(random_, 3000);
      say_media(skip, false);
      parts_.back().framed = false;
    }
    say_media(any_size(random_, most), false);
  }
  model_ = std::make_unique<Model>(connection_of(setup, look_, skip), setup.trouble, random_);
}

void Scenario::say(Part part, const std::string& text) {
  part.begin = said_.size();
  said_.insert(said_.end(), text.begin(), text.end());
  part.end = said_.size();
  parts_.push_back(part);
}

void Scenario::say_media(uint64_t bytes, bool exact) {
  std::string text(bytes, ' ');
  for (char& letter : text)
    letter = static_cast<char>(random_());
  say({true, 0, 0, exact}, text);
}

// A head with one of these lines, and others, in any order.
std::string Scenario::head_of(const std::string& status, const std::string& length) {
  std::vector<std::string> lines = {"Server: a", "X-Content-Length: 7", "Content-Type: video/MP2T",
                                    "Content-Lengthy: 9", "A: b\r\n Content-Length: 11"};
  if (chance(random_, 3)) lines.push_back("Cookie: " + std::string(random_() % 900, 'c'));
  if (!length.empty()) lines.push_back(length);
  if (!length.empty() && chance(random_, 8)) lines.push_back(length);
  std::shuffle(lines.begin(), lines.end(), random_);
  std::string head = "HTTP/1.1 " + status;
  for (const std::string& line : lines)
    head += (chance(random_, 20) ? "\n" : "\r\n") + line;
  return head + "\r\n" + (chance(random_, 20) ? "\n" : "\r\n");
}

void Scenario::say_http() {
  static const std::vector<std::string> names = {"Content-Length", "content-length",
                                                 "CONTENT-LENGTH", "cOnTeNt-LeNgTh"};
  static const std::vector<std::string> spaces = {":", ": ", ":\t  ", " : ", ":\r\n "};
  static const std::vector<std::string> bodiless = {"100 Continue", "103 Early Hints", "204 None",
                                                    "304 Not Modified"};
  const unsigned responses = 1 + static_cast<unsigned>(random_() % 6);
  for (unsigned i = 0; i < responses; ++i) {
    const bool has_length = i + 1 < responses || chance(random_, 2);
    const uint64_t body = chance(random_, 6) ? 0 : any_size(random_, setup_.bytes * 12ULL);
    const std::string length = names[random_() % names.size()] + spaces[random_() % spaces.size()] +
                               std::string(random_() % 3, '0') + std::to_string(body);
    if (chance(random_, 3))
      say({false, 0, 0, false},
          head_of(bodiless[random_() % bodiless.size()], chance(random_, 2) ? length : ""));
    say({false, 0, 0, false},
        head_of(chance(random_, 2) ? "200 OK" : "206 Part", has_length ? length : ""));
    if (body) say_media(body, has_length);
  }
}

std::string Scenario::run() {
  if (std::string fault = send_all(); !fault.empty()) return fault;
  return unclear_ ? "" : judge();
}

std::string Scenario::send_all() {
  const unsigned kind = setup_.trouble.cut_first ? 4 : static_cast<unsigned>(random_() % 5);
  const uint64_t most = std::max<uint64_t>(any_size(random_, said_.size()), said_.size() / 20 + 1);
  for (uint64_t calls = 0; position_ < said_.size() && !unclear_; ++calls) {
    if (calls == kMostCalls) return "comes to no end";
    const uint64_t rest = said_.size() - position_;
    const uint64_t bytes = std::min(rest, kind == 4 ? rest : any_size(random_, most));
    if (kind == 0 || kind == 4)
      sendfile(bytes);
    else
      call(bytes, kind == 1 || bytes == rest ? false : kind == 2 || chance(random_, 2));
    if (model_->dropped()) return "given up (SK_DROP)";
  }
  return "";
}

// A system call, of which the program can read what it says, or not.
void Scenario::enter(uint64_t bytes, bool more) {
  zc_said said{};
  if (!chance(random_, setup_.hidden)) said = {position_, bytes, more, 0};
  model_->enter(said, position_ + bytes);
}

// write(2), send(2). True where all was taken.
bool Scenario::call(uint64_t bytes, bool more) {
  enter(bytes, more);
  return message(bytes, more);
}

bool Scenario::message(uint64_t bytes, bool more) {
  const uint64_t cuts = model_->cuts();
  const int64_t taken =
      model_->sendmsg(std::span(said_).subspan(position_, bytes), position_, more);
  unclear_ |= model_->cuts() != cuts && model_->shown().back().unclear;
  if (taken <= 0) return false;
  position_ += static_cast<uint64_t>(taken);
  if (static_cast<uint64_t>(taken) != bytes) return false;
  if (!more) ends_.push_back(model_->shown().back());
  return true;
}

// splice_to_socket sends what is left in the pipe until there is an error, or nothing any more.
uint64_t Scenario::sendfile(uint64_t bytes) {
  const uint64_t end = position_ + bytes;
  enter(bytes, false);
  while (position_ < end && !unclear_) {
    const uint64_t pipe = std::min(end, position_ + kPipe);
    while (position_ < pipe && !unclear_) {
      const uint64_t before = position_;
      message(pipe - position_, pipe != end);
      if (position_ == before) return position_;
    }
  }
  return position_;
}

// --- what may be -------------------------------------------------------------------------------

std::string Scenario::judge() {
  parsed_ = parse(model_->stream(), said_, parts_, look_);
  if (!parsed_.fault.empty()) return parsed_.fault;
  if (parsed_.position != said_.size())
    return "only " + std::to_string(parsed_.position) + " of " + std::to_string(said_.size()) +
           " bytes are in the stream";
  for (const Shown& shown : model_->shown())
    untold_ += !shown.told;
  for (const Frame& frame : parsed_.frames)
    if (std::string fault = judge_short(frame); !fault.empty()) return fault;
  for (const Shown& shown : ends_)
    if (std::string fault = judge_end(shown); !fault.empty()) return fault;
  return "";
}

// The first of a message's bytes that may be framed, or of its call's where that can be read.
uint64_t Scenario::first_of(const Shown& shown) const {
  uint64_t first = shown.read ? model_->shown()[shown.first].begin : shown.begin;
  for (const Part& part : parts_)
    if (part.begin < shown.end && part.framed) first = std::max(first, part.begin);
  return first;
}

// A short frame ends a call without MSG_MORE, or nobody could know better when it began: it began
// with its message, or the sequence numbers did not tell.
std::string Scenario::judge_short(const Frame& frame) const {
  if (frame.announced == setup_.bytes) return "";
  for (const Part& part : parts_)
    if (part.exact && frame.begin >= part.begin && frame.end() == part.end) return "";
  if (!setup_.never)
    for (const Shown& shown : model_->shown()) {
      // It was to end there, whatever the kernel took of it then.
      if (shown.read && !shown.more && shown.call_end == frame.end()) return "";
      if (shown.end != frame.end()) continue;
      if (shown.last && !shown.more) return "";
      if (shown.read) continue;
      if (!shown.told || first_of(shown) >= frame.begin) return "";
    }
  return "a short frame of " + std::to_string(frame.announced) + " ends no call, at " +
         std::to_string(frame.end());
}

// A call without MSG_MORE ends the frame that begins in it, or where it cannot be read in its last
// message; not in a body whose end is known.
std::string Scenario::judge_end(const Shown& shown) const {
  if (setup_.never || (!shown.told && !shown.read)) return "";
  for (const Part& part : parts_)
    if (part.exact && shown.end > part.begin && shown.end <= part.end) return "";
  // After a cut a header may be out in part, of a frame that was to have another end.
  const uint64_t first = first_of(shown) + (shown.read && !model_->cuts() ? 0 : 1);
  for (const Frame& frame : parsed_.frames)
    if (frame.begin >= first && frame.begin < shown.end && frame.end() > shown.end)
      return "a frame of " + std::to_string(frame.announced) + " from " +
             std::to_string(frame.begin) + " on goes beyond the end of a call, at " +
             std::to_string(shown.end);
  return "";
}

}  // namespace zc::test
