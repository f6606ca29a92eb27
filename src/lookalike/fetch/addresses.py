"""Which addresses must not be asked for a picture? All that are not plainly public, also where they hide in others."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google, Oracle, DigitalOcean, OpenStack…
        "169.254.170.2",  # AWS ECS: credentials of a task
        "169.254.170.23",  # AWS EKS: credentials of a pod
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google, machines with IPv6 only
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure's wire server, in public space
        "192.0.0.192",  # Oracle, first generation
    )
)
"""Where cloud machines learn their own secrets. Source: each cloud's documentation of its metadata service."""

_SPECIAL = tuple(
    (ip_network(text), kind)
    for kind, networks in {
        "an unspecified address": "0.0.0.0/8 ::/128",
        "a loopback address": "127.0.0.0/8 ::1/128",
        "a private address": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "a link-local address": "169.254.0.0/16 fe80::/10",
        "a carrier's internal address": "100.64.0.0/10",
        "a multicast address": "224.0.0.0/4 ff00::/8",
        "a documentation address": "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20",
        "a benchmarking address": "198.18.0.0/15 2001:2::/48",
        "a Teredo address, which can hide any other": "2001::/32",
        "a 6to4 address, which can hide any other": "2002::/16 192.88.99.0/24",
        "a local NAT64 address, which can hide any other": "64:ff9b:1::/48",
        "an IPv4-compatible address, which can hide any other": "::/96",
        "a reserved address": "192.0.0.0/24 192.31.196.0/24 192.52.193.0/24 192.175.48.0/24 240.0.0.0/4"
        " 2001::/23 2620:4f:8000::/48",
    }.items()
    for text in networks.split()
)
"""The first that holds an address names it. Source: IANA IPv4 and IPv6 Special-Purpose Address Registries
(https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry); written out here
because what `ipaddress.is_private` means differs between Python's releases."""

_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_ROUTED_INSIDE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
)


def plain(address: Address) -> Address:
    """Write an IPv4-mapped address (`::ffff:a.b.c.d`) as the IPv4 address that it is on the wire."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def embedded(address: Address) -> IPv4Address | None:
    """Take out the IPv4 address to which a NAT64 gateway or an ISATAP router would pass a packet on.

    Source: RFC 6052 §2.1–2.2 (64:ff9b::/96, and /96 prefixes of a network's own, which nobody can know from
    outside: there only addresses that are routed inside a network count), RFC 5214 §6.1 (ISATAP).
    """
    if isinstance(address, IPv4Address):
        return None
    inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    middle = int(address) >> 32 & 0xFFFF_FFFF
    if address in _NAT64 or middle & 0xFDFF_FFFF == 0x0000_5EFE:
        return inner
    if middle == 0 and (inner in METADATA or any(inner in network for network in _ROUTED_INSIDE)):
        return inner
    return None


def why_forbidden(address: Address) -> str:
    """Say what kind of address this is where it must not be asked; empty for a public one."""
    address = plain(address)
    if address in METADATA:
        return "a metadata service"
    for network, kind in _SPECIAL:
        if address in network:
            return kind
    if isinstance(address, IPv4Address):
        return ""
    if address.scope_id:
        return "an address with a zone"
    inner = embedded(address)
    if inner is not None:
        hidden = why_forbidden(inner)
        return f"{hidden}, hidden in an IPv6 address" if hidden else ""
    return "" if address in _GLOBAL_UNICAST else "a reserved address"
