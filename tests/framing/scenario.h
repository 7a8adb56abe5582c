// SPDX-License-Identifier: GPL-2.0-only
// An application that sends until all is sent, and what its stream may look like then. All is drawn
// from one seed.
#pragma once

#include <memory>
#include <string>

#include "model.h"
#include "parser.h"

namespace zc::test {

enum class Before { kNothing, kBytes, kHttp };

struct Conditions {
  uint32_t bytes = 1388;
  bool interleaved = false, never = false;
  unsigned hidden = 0;  // one of so many calls cannot be read; 0: all can
  Before before = Before::kNothing;
  Trouble trouble;
};

class Scenario {
 public:
  Scenario(const Conditions& setup, uint64_t seed);

  // Empty, or what is wrong.
  std::string run();

  uint64_t runs() const { return model_->runs(); }
  uint64_t cuts() const { return model_->cuts(); }
  uint64_t frames() const { return parsed_.frames.size(); }
  bool unclear() const { return unclear_; }    // given up: nobody could know
  uint64_t untold() const { return untold_; }  // messages of which MSG_MORE could not be learned
  uint64_t messages() const { return model_->shown().size(); }

 private:
  void say(Part part, const std::string& text);
  std::string head_of(const std::string& status, const std::string& length);
  void say_http();
  void say_media(uint64_t bytes, bool exact);
  std::string send_all();
  void enter(uint64_t bytes, bool more);
  bool call(uint64_t bytes, bool more);
  bool message(uint64_t bytes, bool more);
  uint64_t sendfile(uint64_t bytes);
  std::string judge();
  std::string judge_short(const Frame& frame) const;
  std::string judge_end(const Shown& shown) const;
  uint64_t first_of(const Shown& shown) const;

  Conditions setup_;
  Random random_;
  Look look_;
  Bytes said_;
  std::vector<Part> parts_;
  std::vector<Shown> ends_;  // the last messages of calls that were taken whole
  std::unique_ptr<Model> model_;
  Parsed parsed_;
  uint64_t position_ = 0, untold_ = 0;
  bool unclear_ = false;
};

}  // namespace zc::test
