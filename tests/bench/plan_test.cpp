// SPDX-License-Identifier: GPL-2.0-only
// Takes a user's words to what is measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "env/environment.h"
#include "methods/methods.h"
#include "suites/suites.h"

namespace zc::bench {
namespace {

RunRequest wish_for(const std::string& suite, const std::vector<std::string>& methods = {}) {
  RunRequest request;
  request.suite = suite;
  request.methods = methods;
  return request;
}

std::set<std::string> suites_of(const RunRequest& request) {
  const auto plan = plan_run(request);
  EXPECT_TRUE(plan) << plan.error().message;
  std::set<std::string> names;
  for (const CasePlan& c : plan->cases)
    names.insert(c.suite);
  return names;
}

std::string refused(const RunRequest& request) {
  const auto plan = plan_run(request);
  if (plan) return {};
  EXPECT_EQ(plan.error().kind, ErrorKind::kUsage);
  return plan.error().message;
}

TEST(PlanRun, AllIsEverySuiteButThoseWhoseCasesAreInOthers) {
  EXPECT_EQ(suites_of(wish_for("all")),
            (std::set<std::string>{"download", "streaming", "rivals", "loan"}));
}

TEST(PlanRun, OfAllThoseSuitesAreMeasuredThatHaveTheMethods) {
  EXPECT_EQ(suites_of(wish_for("all", {"loan_send"})), std::set<std::string>{"loan"});
  EXPECT_EQ(suites_of(wish_for("all", {"tx_ring", "mmap_msend"})),
            (std::set<std::string>{"download", "rivals"}));
}

TEST(PlanRun, AMethodThatNoSuiteHasIsRefused) {
  EXPECT_NE(refused(wish_for("loan", {"read_writev"})), "");
  EXPECT_NE(refused(wish_for("loan", {"loan_send", "read_writev"})), "");
  EXPECT_NE(refused(wish_for("all", {"teleport"})), "");
  EXPECT_NE(refused(wish_for("bars", {"read_writev"})), "");
}

TEST(PlanRun, QuickHasNoSeconds) {
  RunRequest request;
  request.seconds = 5;
  EXPECT_EQ(refused(request), "");
  request.quick = true;
  EXPECT_NE(refused(request), "");
}

TEST(PlanRun, TheCasesOfAnEnvironmentAreTogether) {
  const auto plan = plan_run(wish_for("all"));
  ASSERT_TRUE(plan);
  std::vector<const EnvironmentKind*> order;
  for (const CasePlan& c : plan->cases) {
    if (order.empty() || order.back() != c.environment) order.push_back(c.environment);
  }
  EXPECT_EQ(std::set(order.begin(), order.end()).size(), order.size());
}

// What is in a frame has nothing to do with how long a segment is.
TEST(PlanRun, FramesOverTcpHaveTheMtuOfTheirDevice) {
  const auto plan = plan_run(wish_for("tcp"));
  ASSERT_TRUE(plan) << plan.error().message;
  std::set<std::string> cases;
  for (const CasePlan& c : plan->cases)
    cases.insert(std::string(c.environment->name) + " " + std::to_string(c.payload_bytes) + " " +
                 std::to_string(c.mtu));
  EXPECT_EQ(cases, (std::set<std::string>{"lo 1388 65536", "lo 8192 65536", "veth 1388 1500",
                                          "veth 8192 1500"}));
  RunRequest elsewhere = wish_for("tcp");
  elsewhere.environments = {"nic"};
  EXPECT_NE(refused(elsewhere), "");
}

// A suite that is new would else have methods that `list` shows in no suite.
TEST(Suites, EachHasABitOfItsOwnAndEachMethodASuite) {
  unsigned bits = 0;
  for (const SuiteKind& suite : suites()) {
    EXPECT_EQ(bits & suite.bit, 0U) << suite.name;
    bits |= suite.bit;
    for (const char* const name : suite.default_environments)
      EXPECT_NE(find_environment(name), nullptr) << name;
  }
  for (const Method* const method : all_methods())
    EXPECT_NE(method->suites & bits, 0U) << method->name;
}

TEST(Names, AreThoseOfTheLists) {
  EXPECT_EQ(suite_names(), "download, streaming, rivals, loan, bars, clock, tcp, all");
  EXPECT_EQ(environment_names(), "nic, nic-uso, nic-1g, veth, lo");
}

}  // namespace
}  // namespace zc::bench
