// SPDX-License-Identifier: GPL-2.0-only
// Addresses and ports: what is taken, what is refused and with which words.
#include "base/address.h"

#include "expect.h"

namespace zc {
namespace {

using Bytes16 = std::array<uint8_t, 16>;

struct GoodAddress {
  const char* text;
  PortRule rule;
  Family family;
  Bytes16 address;
  uint16_t port;
  const char* printed;
};

constexpr Bytes16 kDocumentation{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

const GoodAddress kGood[] = {
    {"10.0.0.2:5004", PortRule::kRequired, Family::kIpv4, {10, 0, 0, 2}, 5004, "10.0.0.2:5004"},
    {"10.0.0.2:1", PortRule::kRequired, Family::kIpv4, {10, 0, 0, 2}, 1, "10.0.0.2:1"},
    {"10.0.0.2:65535", PortRule::kOptional, Family::kIpv4, {10, 0, 0, 2}, 65535, "10.0.0.2:65535"},
    {"239.1.2.3:5004", PortRule::kRequired, Family::kIpv4, {239, 1, 2, 3}, 5004, "239.1.2.3:5004"},
    {"255.255.255.255:9",
     PortRule::kRequired,
     Family::kIpv4,
     {255, 255, 255, 255},
     9,
     "255.255.255.255:9"},
    {"10.0.0.2", PortRule::kOptional, Family::kIpv4, {10, 0, 0, 2}, 0, "10.0.0.2"},
    {"[2001:db8::1]:5004", PortRule::kRequired, Family::kIpv6, kDocumentation, 5004,
     "[2001:db8::1]:5004"},
    {"[2001:0DB8:0:0:0:0:0:1]:5004", PortRule::kRequired, Family::kIpv6, kDocumentation, 5004,
     "[2001:db8::1]:5004"},
    {"2001:db8::1", PortRule::kOptional, Family::kIpv6, kDocumentation, 0, "2001:db8::1"},
    {"[2001:db8::1]", PortRule::kOptional, Family::kIpv6, kDocumentation, 0, "2001:db8::1"},
    {"[::1]:5004",
     PortRule::kRequired,
     Family::kIpv6,
     {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
     5004,
     "[::1]:5004"},
    {"[ff3e::8000:1]:5004",
     PortRule::kRequired,
     Family::kIpv6,
     {0xff, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 1},
     5004,
     "[ff3e::8000:1]:5004"},
};

TEST(AddressTest, AddressesAreTakenInEveryFormThatIpTakes) {
  for (const GoodAddress& good : kGood) {
    SCOPED_TRACE(good.text);
    const Endpoint endpoint = value_of(parse_endpoint(good.text, good.rule, "--to"));
    EXPECT_EQ(endpoint.family, good.family);
    EXPECT_EQ(endpoint.address, good.address);
    EXPECT_EQ(endpoint.port, good.port);
    EXPECT_EQ(endpoint.text(), good.printed);
  }
}

struct BadAddress {
  const char* text;
  PortRule rule;
  const char* message;
  const char* hint;
};

constexpr const char* kPortRange = "--to: the port takes a number from 1 to 65535, not '";
constexpr const char* kNotAnAddress = "is not an IP address";
constexpr const char* kForms = "write 10.0.0.2:5004 or [2001:db8::1]:5004";

const BadAddress kBad[] = {
    {"10.0.0.2", PortRule::kRequired, "--to: '10.0.0.2' has no port", "10.0.0.2:5004"},
    {"[2001:db8::1]", PortRule::kRequired, "has no port", "[2001:db8::1]:5004"},
    {"2001:db8::1", PortRule::kRequired, "has no port", "[2001:db8::1]:5004"},
    {"2001:db8::1:5004", PortRule::kRequired, "has no port", "[2001:db8::1]:5004"},
    {"10.0.0.2:0", PortRule::kRequired, kPortRange, ""},
    {"10.0.0.2:0", PortRule::kOptional, kPortRange, ""},
    {"10.0.0.2:70000", PortRule::kRequired, kPortRange, ""},
    {"10.0.0.2:65536", PortRule::kRequired, kPortRange, ""},
    {"10.0.0.2:-1", PortRule::kRequired, kPortRange, ""},
    {"10.0.0.2:", PortRule::kRequired, kPortRange, ""},
    {"10.0.0.2: 5004", PortRule::kRequired, kPortRange, ""},
    {"10.0.0.2:rtp", PortRule::kRequired, kPortRange, ""},
    {"[2001:db8::1]:", PortRule::kRequired, kPortRange, ""},
    {"[2001:db8::1]:70000", PortRule::kRequired, kPortRange, ""},
    {"", PortRule::kRequired, kNotAnAddress, kForms},
    {":5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"10.0.0.256:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"10.0.0:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"10.0.0.2.3:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"0x0a000002:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"10.0.0.2/24", PortRule::kOptional, kNotAnAddress, kForms},
    {" 10.0.0.2:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"viewer.example:5004", PortRule::kRequired, "'viewer.example' is not an IP address",
     "names are not resolved"},
    {"[2001:db8::1:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"[2001:db8::1]5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"[]:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"[10.0.0.2:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"2001:db8:::1", PortRule::kOptional, kNotAnAddress, kForms},
    {"[2001:db8::12345]:5004", PortRule::kRequired, kNotAnAddress, kForms},
    {"[fe80::1%eth0]:5004", PortRule::kRequired, kNotAnAddress, "leave the zone (%...) away"},
    {"[::ffff:10.0.0.2]:5004", PortRule::kRequired, "is an IPv4 address in IPv6 clothes",
     "write 10.0.0.2"},
    {"0.0.0.0:5004", PortRule::kRequired, "0.0.0.0 stands for no host", ""},
    {"0.0.0.0", PortRule::kOptional, "0.0.0.0 stands for no host", ""},
    {"[::]:5004", PortRule::kRequired, ":: stands for no host", ""},
};

TEST(AddressTest, EverythingElseIsRefusedWithAReasonAndAWayOut) {
  for (const BadAddress& bad : kBad) {
    SCOPED_TRACE(bad.text);
    expect_error(parse_endpoint(bad.text, bad.rule, "--to"), ErrorKind::kUsage, bad.message,
                 bad.hint);
  }
}

// The hint must name the address, however its last 32 bits were written.
TEST(AddressTest, AMappedAddressInHexadecimalIsNamedAsIpv4) {
  expect_error(parse_endpoint("[::ffff:a00:2]:5004", PortRule::kRequired, "--to"),
               ErrorKind::kUsage, "is an IPv4 address in IPv6 clothes", "write 10.0.0.2");
}

// RFC 4291 2.4 and 2.5.5.2, RFC 5735.
TEST(AddressTest, MulticastGroupsAreKnown) {
  struct Case {
    const char* text;
    bool multicast;
  };
  for (const Case& each :
       {Case{"223.255.255.255", false}, Case{"224.0.0.0", true}, Case{"239.255.255.255", true},
        Case{"240.0.0.0", false}, Case{"255.255.255.255", false}, Case{"ff02::1", true},
        Case{"ff00::", true}, Case{"fe80::1", false}, Case{"2001:db8::1", false}}) {
    SCOPED_TRACE(each.text);
    EXPECT_EQ(value_of(parse_endpoint(each.text, PortRule::kOptional, "--to")).is_multicast(),
              each.multicast);
  }
}

TEST(AddressTest, FamiliesHaveNames) {
  EXPECT_STREQ(to_string(Family::kIpv4), "IPv4");
  EXPECT_STREQ(to_string(Family::kIpv6), "IPv6");
}

}  // namespace
}  // namespace zc
