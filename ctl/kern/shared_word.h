// SPDX-License-Identifier: GPL-2.0-only
// Single words of mapped tables, which the program reads or writes at the same time.
#pragma once

namespace zc::kern {

template <typename Word>
Word load(const Word& word) {
  return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}

template <typename Word>
void store(Word& word, Word value) {
  __atomic_store_n(&word, value, __ATOMIC_RELEASE);
}

}  // namespace zc::kern
