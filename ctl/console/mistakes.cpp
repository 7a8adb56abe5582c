// SPDX-License-Identifier: GPL-2.0-only
#include "mistakes.h"

#include <algorithm>

#include "console/nearest.h"

namespace zc::console {
namespace {

using Words = std::vector<std::string>;

struct Mistake {
  size_t position = 0;  // of the word, in what was typed
  Error error;
};

bool is_option(const std::string& word) {
  return word.size() > 1 && word.starts_with('-');
}

// The command that was given; nullptr: none.
const CLI::App* command_of(const CLI::App& app) {
  const auto given = app.get_subcommands();
  return given.empty() ? nullptr : given.front();
}

Words command_names(const CLI::App& app) {
  Words names;
  for (const CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// Without dashes.
Words option_names(const CLI::App& app) {
  Words names;
  for (const CLI::Option* const option : app.get_options())
    names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  return names;
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string help_of(const CLI::App& app, const CLI::App* command) {
  return app.get_name() + (command ? " " + command->get_name() : "") + " --help";
}

std::string did_you_mean(const std::optional<std::string>& word, const std::string& dashes = "") {
  return word ? "; did you mean " + dashes + *word + "?" : "";
}

// A command that has this option; nullptr: none.
const CLI::App* command_with(const CLI::App& app, const std::string& option) {
  for (const CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const Words own = option_names(*command);
    if (std::find(own.begin(), own.end(), option) != own.end()) return command;
  }
  return nullptr;
}

Error unknown_option(const CLI::App& app, const CLI::App* command, const std::string& word) {
  const std::string typed = word.substr(0, word.find('='));
  const std::string name = typed.substr(std::min(typed.find_first_not_of('-'), typed.size()));
  const CLI::App* const other = command ? nullptr : command_with(app, name);
  if (other)
    return usage_error("'" + typed + "' stands before the command whose option it is",
                       help_of(app, other));
  Words known = option_names(app);
  if (command) {
    const Words own = option_names(*command);
    known.insert(known.end(), own.begin(), own.end());
  }
  return usage_error("'" + typed + "' is no option of " +
                         (command ? command->get_name() : app.get_name()) +
                         did_you_mean(nearest(name, known), "--"),
                     help_of(app, command) + " lists them");
}

// `command`: the one that was typed before the word; nullptr: none.
Error unknown_word(const CLI::App& app, const CLI::App* command, const std::string& word) {
  if (is_option(word)) return unknown_option(app, command, word);
  if (command)
    return usage_error("'" + word + "' is one word too many for " + command->get_name(),
                       help_of(app, command));
  return usage_error(
      "'" + word + "' is no command" + did_you_mean(nearest(word, command_names(app))),
      list_commands(app));
}

// Where `option` was typed, or `value` where it has no name.
size_t position_of(const CLI::Option& option, const std::string& value, const Words& words) {
  const auto is_it = [&](const std::string& word) {
    for (const std::string& name : option.get_lnames())
      if (word == "--" + name || word.starts_with("--" + name + "=")) return true;
    for (const std::string& name : option.get_snames())
      if (!word.starts_with("--") && word.starts_with("-" + name)) return true;
    return option.get_positional() && word == value;
  };
  return static_cast<size_t>(std::find_if(words.begin(), words.end(), is_it) - words.begin());
}

// An option whose value may be left away has an empty one then.
bool was_left_away(const CLI::Option* option, const Words& words) {
  return option->get_expected_min() == 0 && std::ranges::none_of(words, [&](const auto& word) {
           return word.empty() || word == option->get_name() + "=";
         });
}

Status check_value(const CLI::Option* option, const std::string& value, const Checks& checks,
                   const Words& words) {
  if (value.empty() && !was_left_away(option, words))
    return usage_error(option->get_name() + ": the value is empty");
  const auto check = checks.find(option);
  return check == checks.end() ? ok() : check->second(value);
}

void add_wrong_values(const CLI::App& app, const Checks& checks, const Words& words,
                      std::vector<Mistake>& mistakes) {
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& value : option->results()) {
      const Status status = check_value(option, value, checks, words);
      if (!status) mistakes.push_back({position_of(*option, value, words), status.error()});
    }
  }
}

}  // namespace

std::string list_commands(const CLI::App& app) {
  return "commands: " + joined(command_names(app));
}

std::optional<Error> first_mistake(const CLI::App& app, const Checks& checks, const Words& words) {
  const CLI::App* const command = command_of(app);
  std::vector<Mistake> mistakes;
  const Words unknown = app.remaining();
  if (!unknown.empty()) {
    const auto word = std::find(words.begin(), words.end(), unknown.front());
    const bool behind = command && std::find(words.begin(), word, command->get_name()) != word;
    mistakes.push_back({static_cast<size_t>(word - words.begin()),
                        unknown_word(app, behind ? command : nullptr, unknown.front())});
  }
  add_wrong_values(app, checks, words, mistakes);
  if (command) add_wrong_values(*command, checks, words, mistakes);
  const auto first = std::min_element(
      mistakes.begin(), mistakes.end(),
      [](const Mistake& one, const Mistake& other) { return one.position < other.position; });
  if (first == mistakes.end()) return std::nullopt;
  return first->error;
}

}  // namespace zc::console
