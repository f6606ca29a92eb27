"""Which addresses are public, which are not, and what hides in others?"""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.fetch.addresses import embedded, plain, why_forbidden

KINDS = {
    "0.255.255.255": "an unspecified address",
    "10.1.2.3": "a private address",
    "100.64.0.0": "a carrier's internal address",
    "100.127.255.255": "a carrier's internal address",
    "127.255.255.255": "a loopback address",
    "168.63.129.16": "a metadata service",
    "169.254.1.1": "a link-local address",
    "169.254.169.254": "a metadata service",
    "172.31.255.255": "a private address",
    "192.0.0.8": "a reserved address",
    "192.0.2.255": "a documentation address",
    "198.19.255.255": "a benchmarking address",
    "224.0.0.251": "a multicast address",
    "255.255.255.255": "a reserved address",
    "::": "an unspecified address",
    "::1": "a loopback address",
    "::ffff:10.0.0.1": "a private address",
    "::8.8.8.8": "an IPv4-compatible address, which can hide any other",
    "64:ff9b::127.0.0.1": "a loopback address, hidden in an IPv6 address",
    "64:ff9b::169.254.169.254": "a metadata service, hidden in an IPv6 address",
    "64:ff9b:1:7f00:0:100::": "a local NAT64 address, which can hide any other",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "a Teredo address, which can hide any other",
    "2001:2::1": "a benchmarking address",
    "2001:db8::1": "a documentation address",
    "2002:7f00:1::1": "a 6to4 address, which can hide any other",
    "2606:4700:64::10.0.0.1": "a private address, hidden in an IPv6 address",
    "2606:4700::5efe:192.168.0.1": "a private address, hidden in an IPv6 address",
    "fd12:3456::1": "a private address",
    "fd00:ec2::254": "a metadata service",
    "fe80::1%eth0": "a link-local address",
    "fec0::1": "a private address",
    "ff02::fb": "a multicast address",
    "5f00::1": "a reserved address",
    "2606:4700::1%eth0": "an address with a zone",
}

PUBLIC = str.split("""
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
    169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
    223.255.255.255 2001:200::1 2606:4700:4700::1111 2a00:1450:4001:82a::200e 2a03:2880:f12d:83:face:b00c:0:25de
    2606:4700::6812:1a2b 2a01:4f8::1 3ffe::1 64:ff9b::8.8.8.8 ::ffff:8.8.8.8 2606:4700::5efe:8.8.8.8
""")


@pytest.mark.parametrize(("address", "kind"), KINDS.items())
def test_a_forbidden_address_is_called_by_its_kind(address, kind):
    assert why_forbidden(ip_address(address)) == kind


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_forbidden(address):
    assert why_forbidden(ip_address(address)) == ""


@pytest.mark.parametrize(
    "network",
    # Source: IANA special-purpose address registries, and multicast.
    str.split("""
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ::1/128 ::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23
    2620:4f:8000::/48 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
    """),
)
def test_both_ends_of_each_special_network_are_forbidden(network):
    assert why_forbidden(ip_network(network)[0])
    assert why_forbidden(ip_network(network)[-1])


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_that_python_holds_for_no_public_one_is_forbidden(address):
    if not address.is_global or address.is_multicast:
        assert why_forbidden(address)


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_outside_of_global_unicast_is_forbidden(address):
    if address not in ip_network("2000::/3") and address not in ip_network("64:ff9b::/96"):
        mapped = address.ipv4_mapped
        assert why_forbidden(address) or (mapped is not None and not why_forbidden(mapped))


@given(st.ip_addresses(v=4))
def test_what_is_forbidden_stays_so_in_every_disguise(inner):
    disguises = {
        f"::ffff:{inner}": plain,
        f"64:ff9b::{inner}": embedded,
        f"2606:4700::5efe:{inner}": embedded,
        f"2606:4700::200:5efe:{inner}": embedded,
    }
    for disguise, unmask in disguises.items():
        assert unmask(ip_address(disguise)) == inner
        assert bool(why_forbidden(ip_address(disguise))) == bool(why_forbidden(inner))


def test_a_static_address_that_only_looks_like_an_unspecified_ipv4_one_hides_nothing():
    assert embedded(ip_address("2a01:4f8::1")) is None
    assert embedded(ip_address("2a01:4f8::10.0.0.1")) == IPv4Address("10.0.0.1")
