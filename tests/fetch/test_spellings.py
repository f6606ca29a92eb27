"""Is a forbidden address refused in every spelling, before anything is asked of the network?"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address

import pytest

from lookalike.errors import BadInput, Unreachable
from lookalike.fetch import Fetcher

IPV4 = str.split("""
    0.0.0.0 0.0.0.1 10.0.0.1 10.255.255.254 100.64.0.1 100.100.100.200 100.127.255.254 127.0.0.1 127.0.0.2
    127.255.255.254 168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.254 192.0.0.192 192.0.2.1
    192.88.99.1 192.168.0.1 192.168.255.254 198.18.0.1 198.19.255.254 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.250 240.0.0.1 255.255.255.255
""")

IPV6 = str.split("""
    :: ::1 ::2 ::7f00:1 100::1 5f00::1 64:ff9b:1::1 64:ff9b:1::7f00:1 2001::1 2001:1::1 2001:2::1 2001:10::1
    2001:20::1 2001:db8::1 2002::1 3fff::1 fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fe80::1 febf::1 fec0::1
    ff02::1 ff0e::1 ::ffff:0:7f00:1 1::1 4000::1 8000::1
""")

ROUTED_INSIDE = [text for text in IPV4 if text.startswith(("10.", "100.", "127.", "169.", "172.", "192.168."))]


def octets(text: str) -> list[int]:
    return list(IPv4Address(text).packed)


def hextets(text: str) -> str:
    number = int(IPv4Address(text))
    return f"{number >> 16:x}:{number & 0xFFFF:x}"


def short(text: str, parts: int) -> str:
    """127.0.0.1 in two parts is 127.1: the last part takes all the bits that are left."""
    first = octets(text)[: parts - 1]
    rest = int(IPv4Address(text)) & ((1 << 8 * (5 - parts)) - 1)
    return ".".join(map(str, [*first, rest]))


def in_digits(text: str, zero: str, dot: str = ".") -> str:
    return "".join(dot if letter == "." else chr(ord(zero) + int(letter)) for letter in text)


def circled(text: str) -> str:
    return "".join("." if letter == "." else "⓪①②③④⑤⑥⑦⑧⑨"[int(letter)] for letter in text)


def percent(text: str) -> str:
    return "".join(f"%{ord(letter):02x}" for letter in text)


HOSTS: dict[str, Callable[[str], str]] = {
    "plain": lambda a: a,
    "final dot": lambda a: f"{a}.",
    "two final dots": lambda a: f"{a}..",
    "decimal": lambda a: str(int(IPv4Address(a))),
    "decimal past 32 bits": lambda a: str(int(IPv4Address(a)) + 2**32),
    "hexadecimal": lambda a: hex(int(IPv4Address(a))),
    "hexadecimal in capitals": lambda a: hex(int(IPv4Address(a))).upper(),
    "hexadecimal, final dot": lambda a: f"{hex(int(IPv4Address(a)))}.",
    "octal": lambda a: f"0{int(IPv4Address(a)):o}",
    "dotted hexadecimal": lambda a: ".".join(map(hex, octets(a))),
    "dotted hexadecimal with zeros": lambda a: ".".join(f"0x{n:08x}" for n in octets(a)),
    "dotted octal": lambda a: ".".join(f"0{n:o}" for n in octets(a)),
    "zeros in front": lambda a: ".".join(f"{n:03d}" for n in octets(a)),
    "last part hexadecimal": lambda a: ".".join(map(str, octets(a)[:3])) + f".{octets(a)[3]:#x}",
    "two parts": lambda a: short(a, 2),
    "three parts": lambda a: short(a, 3),
    "five parts": lambda a: f"{a}.0",
    "no dot between": lambda a: a.replace(".", "", 1),
    "empty part": lambda a: a.replace(".", "..", 1),
    "plus sign": lambda a: f"+{a}",
    "wide digits": lambda a: in_digits(a, "０"),
    "wide digits and dots": lambda a: in_digits(a, "０", "．"),
    "ideographic dots": lambda a: a.replace(".", "。"),
    "half-width dots": lambda a: a.replace(".", "｡"),
    "one-dot leaders": lambda a: a.replace(".", "\u2024"),
    "circled digits": circled,
    "mathematical digits": lambda a: in_digits(a, "𝟎"),
    "superscript end": lambda a: f"{a[:-1]}{'⁰¹²³⁴⁵⁶⁷⁸⁹'[int(a[-1])]}",
    "arabic digits": lambda a: in_digits(a, "٠"),
    "soft hyphen": lambda a: f"{a[0]}\u00ad{a[1:]}",
    "zero-width space": lambda a: f"{a[0]}\u200b{a[1:]}",
    "percent-encoded": percent,
    "percent-encoded dots": lambda a: a.replace(".", "%2e"),
    "percent-encoded twice": lambda a: percent(percent(a)),
    "in brackets": lambda a: f"[{a}]",
    "mapped": lambda a: f"[::ffff:{a}]",
    "mapped in hextets": lambda a: f"[::ffff:{hextets(a)}]",
    "mapped in full": lambda a: f"[0000:0000:0000:0000:0000:FFFF:{hextets(a)}]",
    "compatible": lambda a: f"[::{a}]",
    "compatible in hextets": lambda a: f"[::{hextets(a)}]",
    "translated": lambda a: f"[::ffff:0:{a}]",
    "NAT64": lambda a: f"[64:ff9b::{a}]",
    "NAT64 in hextets": lambda a: f"[64:ff9b::{hextets(a)}]",
    "local NAT64": lambda a: f"[64:ff9b:1::{a}]",
    "6to4": lambda a: f"[2002:{hextets(a)}::1]",
    "Teredo server": lambda a: f"[2001:0:{hextets(a)}::]",
    "Teredo client": lambda a: f"[2001:0:808:808:0:0:{hextets(str(IPv4Address(int(IPv4Address(a)) ^ 0xFFFFFFFF)))}]",
    "ISATAP": lambda a: f"[2606:4700::5efe:{a}]",
    "ISATAP in hextets": lambda a: f"[2606:4700:1:2:0:5EFE:{hextets(a)}]",
    "ISATAP, global": lambda a: f"[2606:4700::200:5efe:{a}]",
    "zone": lambda a: f"[::ffff:{a}%25eth0]",
    "a name before the @": lambda a: f"example.org@{a}",
    "a user and password": lambda a: f"user:pass@{a}",
    "an empty user": lambda a: f"@{a}",
    "two @": lambda a: f"example.org@{a}@example.org",
    "backslash and @": lambda a: f"{a}\\@example.org",
    "backslash": lambda a: f"example.org\\@{a}",
    "fragment and @": lambda a: f"{a}#@example.org",
    "query and @": lambda a: f"{a}?@example.org",
    "space in front": lambda a: f" {a}",
    "space behind": lambda a: f"{a} ",
    "space and another host": lambda a: f"{a} example.org",
    "tab inside": lambda a: f"{a[:2]}\t{a[2:]}",
    "line break inside": lambda a: f"{a[:2]}\r\n{a[2:]}",
    "NUL behind": lambda a: f"{a}\0.example.org",
    "percent NUL behind": lambda a: f"{a}%00.example.org",
}  # fmt: skip

FRAMES = (
    "http://{host}/",
    "http://{host}:{port}/cat.jpg?a=b#c",
    "https://{host}:{port}",
    "hTtP://{host}:{port}/",
    "\u00a0\n http://{host}:{port}/ \t",
    "\x01http://{host}:{port}/",
    "http:///{host}:{port}/",
    "http:/{host}:{port}/",
    "http:{host}:{port}",
    "http:\\\\{host}:{port}\\",
    "//{host}:{port}/",
    "{host}:{port}/",
    "gopher://{host}:{port}/_",
    "url:http://{host}:{port}/",
    "http://http://{host}:{port}/",
    "http://{host}:0/",
    "http://{host}:{past}/",
    "http://{host}:{wide}/",
    "http://{host}:{port}:80/",
    "http://{host}:",
)

IPV6_HOSTS: dict[str, Callable[[str], str]] = {
    "plain": lambda a: f"[{a}]",
    "in full": lambda a: f"[{IPv6Address(a).exploded}]",
    "capitals": lambda a: f"[{IPv6Address(a).exploded.upper()}]",
    "dotted end": lambda a: f"[{IPv6Address(a).exploded[:29]}:{IPv4Address(int(IPv6Address(a)) & 0xFFFFFFFF)}]",
    "zone": lambda a: f"[{a}%25lo]",
    "bare zone": lambda a: f"[{a}%lo]",
    "no brackets": lambda a: a,
    "brackets twice": lambda a: f"[[{a}]]",
    "bracket open": lambda a: f"[{a}",
    "text behind": lambda a: f"[{a}].example.org",
    "percent-encoded": lambda a: f"%5b{percent(a)}%5d",
    "wide colons": lambda a: f"[{a.replace(':', '：')}]",
    "a name before the @": lambda a: f"{a.replace(':', '-')}.ipv6-literal.net@[{a}]",
}


def framed(frame: str, host: str, port: int) -> str:
    return frame.format(host=host, port=port, past=port + 65_536, wide=in_digits(str(port), "０"))


def spellings(port: int) -> Iterator[str]:
    for frame in FRAMES:
        yield from (framed(frame, host, port) for host in ("127.0.0.1", "[::1]", "169.254.169.254"))
    for frame in FRAMES[:2]:
        yield from (framed(frame, spell(address), port) for spell in HOSTS.values() for address in IPV4)
        yield from (framed(frame, spell(address), port) for spell in IPV6_HOSTS.values() for address in IPV6)
        yield from (framed(frame, f"[2606:4700:64::{address}]", port) for address in ROUTED_INSIDE)


@pytest.mark.slow
def test_every_spelling_of_a_forbidden_address_is_refused_before_anything_is_asked(serve, network):
    trap = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret", host="::")
    assert Fetcher(allow=["127.0.0.1"]).get(f"http://127.0.0.1:{trap.port}/") == b"secret"
    assert (trap.connections, len(network.connections)) == (1, 1), "the trap must be one that catches"

    network.lookups.clear()
    fetcher = Fetcher(total_s=1.0)
    urls = list(spellings(trap.port))
    answered = []
    for url in urls:
        try:
            fetcher.get(url)
        except (BadInput, Unreachable):
            continue
        answered.append(url)

    assert answered == []
    assert network.lookups == []
    assert len(network.connections) == 1
    assert trap.connections == 1
    assert len(set(urls)) > 4_000


@pytest.mark.parametrize("address", [*IPV4, *IPV6, "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "fe80::1%1"])
def test_a_name_that_leads_to_a_forbidden_address_is_refused_after_one_lookup(network, address):
    asked = []

    def resolve(name):
        asked.append(name)
        return ["93.184.215.14", address]

    with pytest.raises(Unreachable, match=r"photos\.example is not asked: it leads to a.*fetch_allow"):
        Fetcher(resolve=resolve).get("https://photos.example/cat.jpg")
    assert asked == ["photos.example"]
    assert network.connections == []


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST", "localhost.", "ｌｏｃａｌｈｏｓｔ", "localho\u017ft", "ⓛocalhost"]
)
def test_the_name_localhost_is_refused_in_every_spelling(serve, network, name):
    trap = serve(b"HTTP/1.1 200 OK\r\n\r\nsecret", host="::")
    with pytest.raises(Unreachable, match="localhost is not asked: it leads to a loopback address"):
        Fetcher().get(f"http://{name}:{trap.port}/")
    assert network.lookups == ["localhost"]
    assert (network.connections, trap.connections) == ([], 0)
