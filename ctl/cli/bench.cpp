// SPDX-License-Identifier: GPL-2.0-only
// `zcctl bench` is a program of its own, zcctl-bench, which takes this process's place. Nothing is
// known here of what it measures, nor of its words.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "cli/context.h"

namespace zc::cli {
namespace {

constexpr const char* kProgram = "zcctl-bench";

// The one that was built or installed with this zcctl: in the same folder.
std::string beside_zcctl() {
  std::error_code failed;
  const auto zcctl = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::string() : (zcctl.parent_path() / kProgram).string();
}

// A namespace that was given with -n needs no word: this process is in it, and stays there.
std::vector<std::string> global_words(const Context& context) {
  std::vector<std::string> words;
  if (context.json) words.emplace_back("--json");
  if (context.verbose) words.emplace_back("--verbose");
  if (context.dry_run) words.emplace_back("--dry-run");
  return words;
}

// Returns only where the program cannot be started; errno says why.
void start(const std::string& program, std::vector<std::string> words,
           int (*execute)(const char* file, char* const* arguments)) {
  words.insert(words.begin(), program);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  console::restore_sigpipe();
  execute(program.c_str(), arguments.data());
}

Status bench(const Context& context, const std::vector<std::string>& given) {
  std::vector<std::string> words = global_words(context);
  words.insert(words.end(), given.begin(), given.end());
  start(beside_zcctl(), words, execv);
  if (errno == ENOENT) start(kProgram, words, execvp);  // else it is there, and cannot be started
  const std::string why = errno == ENOENT
                              ? std::string(" is neither beside zcctl nor in PATH")
                              : std::string(" cannot be started: ") + std::strerror(errno);
  return unsupported_error(kProgram + why,
                           "make build-bench builds it; or install the package zcctl-bench");
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("bench", "what each way of sending stored bytes costs");
  // All words behind it are the other program's, --help among them.
  command->prefix_command();
  command->fallthrough(false);
  command->set_help_flag();
  command->callback([command, &context] {
    context.command = [words = command->remaining()](Context& c) { return bench(c, words); };
  });
}

}  // namespace zc::cli
