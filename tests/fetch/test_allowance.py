"""What does the setting fetch_allow let through, and what does it never?"""

from ipaddress import ip_address

import pytest

from lookalike.errors import BadInput
from lookalike.fetch.allowance import Allowance
from lookalike.fetch.target import parse_target


def allowed(entries, url, *addresses):
    allowance = Allowance.parse(entries)
    target = parse_target(url)
    found = [ip_address(text) for text in addresses] or [target.address]
    return not any(allowance.refusal(target, address) for address in found)


@pytest.mark.parametrize(
    ("entry", "url", "address"),
    [
        ("192.168.1.7", "http://192.168.1.7/", "192.168.1.7"),
        ("192.168.1.7", "http://[::ffff:192.168.1.7]:5000/", "192.168.1.7"),
        ("192.168.0.0/16", "http://nas.local:5000/", "192.168.3.4"),
        ("fd00::/8", "http://[fd00::7]:8000/", "fd00::7"),
        ("::1", "http://[::1]:8000/", "::1"),
        ("nas.local", "http://nas.local:5000/", "10.0.0.7"),
        ("NAS.Local.", "http://nas.local/", "10.0.0.7"),
        ("nas", "http://nas/", "fe80::7"),
        ("*.example.org", "http://photos.example.org:9000/", "127.0.0.1"),
        ("*.example.org", "http://a.b.example.org/", "127.0.0.1"),
        ("bücher.example", "http://xn--bcher-kva.example:81/", "10.0.0.7"),
        ("localhost", "http://localhost:8000/", "127.0.0.1"),
    ],
)
def test_what_the_operator_lists_is_asked_on_any_port(entry, url, address):
    assert allowed([entry], url, address)
    assert not allowed([], url, address)


@pytest.mark.parametrize(
    ("entry", "url", "address"),
    [
        ("192.168.1.7", "http://192.168.1.8/", "192.168.1.8"),
        ("192.168.0.0/16", "http://nas.local/", "10.0.0.7"),
        ("127.0.0.1", "http://127.0.0.2/", "127.0.0.2"),
        ("127.0.0.0/8", "http://[64:ff9b::127.0.0.1]/", "64:ff9b::127.0.0.1"),
        ("nas.local", "http://evil-nas.local/", "10.0.0.7"),
        ("nas.local", "http://nas.local.evil.example/", "10.0.0.7"),
        ("*.example.org", "http://example.org/", "10.0.0.7"),
        ("*.example.org", "http://evilexample.org/", "10.0.0.7"),
        ("*.example.org", "http://photos.example.org.evil.example/", "10.0.0.7"),
    ],
)
def test_a_neighbour_of_what_is_listed_is_still_refused(entry, url, address):
    assert not allowed([entry], url, address)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "fd00:ec2::254", "100.100.100.200"],
)
def test_a_metadata_service_is_not_asked_because_a_network_around_it_is_listed(address):
    everything = ["0.0.0.0/0", "::/0", "photos.example"]
    assert not allowed(everything, "http://photos.example/", address)


def test_a_metadata_service_whose_very_address_is_listed_is_asked():
    assert allowed(["169.254.169.254"], "http://169.254.169.254/")


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_a_host_that_nobody_listed_is_asked_on_the_ports_of_the_web(port):
    assert allowed([], f"http://photos.example:{port}/", "93.184.215.14")


@pytest.mark.parametrize("port", [1, 22, 25, 3306, 5432, 6379, 8000, 9200, 65_535])
def test_a_host_that_nobody_listed_is_asked_on_no_other_port(port):
    assert not allowed([], f"http://photos.example:{port}/", "93.184.215.14")
    assert allowed(["photos.example"], f"http://photos.example:{port}/", "93.184.215.14")


@pytest.mark.parametrize(
    "entry",
    ["", " ", "*", "*.", "*.*", "http://nas.local", "nas.local:5000", "192.168.1.7:80", "192.168.1.7/24",
     "192.168.0.0/33", "[::1]", "fd00::/129", "*.10.0.0.1", "10.1", "0x7f.1", "a b", "user@nas", "nas.local/photos"],
)  # fmt: skip
def test_an_entry_that_is_no_host_address_or_network_is_named(entry):
    with pytest.raises(BadInput) as caught:
        Allowance.parse([entry])
    assert caught.value.what.startswith(f"fetch_allow: {entry!r} ")
    assert caught.value.fix
