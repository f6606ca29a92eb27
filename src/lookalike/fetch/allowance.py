"""What may be asked besides the public web? The names, addresses and networks that the operator listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from lookalike.errors import BadInput
from lookalike.fetch.addresses import METADATA, Address, embedded, plain, why_forbidden
from lookalike.fetch.target import Target, parse_host

WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""What is asked of hosts that nobody listed, so that this machine is no tool to knock at others' doors.

Source: "http", "https", "http-alt" and "pcsync-https" of IANA's Service Name and Port Number Registry.
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The parsed setting `fetch_allow`."""

    names: frozenset[str]
    domains: tuple[str, ...]
    """Of `*.example.org`: what a name must end in, with the dot."""
    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "Allowance":
        """Read entries like `nas.local`, `*.example.org`, `192.168.1.7`, `192.168.0.0/16`, `fd00::/8`.

        Raises:
            BadInput: an entry is none of these.
        """
        names, domains, networks = set(), [], []
        for entry in entries:
            network = _network(entry)
            if network is not None:
                networks.append(network)
            elif entry.startswith("*."):
                domains.append(f".{_name(entry, entry[2:])}")
            else:
                names.add(_name(entry, entry))
        return cls(frozenset(names), tuple(domains), tuple(networks))

    def refusal(self, target: Target, address: Address) -> str:
        """Say why a target must not be asked at one of its addresses; empty where it may.

        A metadata service is asked only where its very address is listed: a network around it is not enough.
        """
        address = plain(address)
        leads_to = "it is" if target.address else "it leads to"
        if {address, embedded(address)} & METADATA:
            listed = any(network.num_addresses == 1 and address in network for network in self.networks)
            return "" if listed else f"{leads_to} a metadata service, which hands out secrets"
        if self._lists(target.host) or any(address in network for network in self.networks):
            return ""
        kind = why_forbidden(address)
        return f"{leads_to} {kind}" if kind else self.refusal_by_name(target)

    def refusal_by_name(self, target: Target) -> str:
        """Say why a target must not be asked of which nobody here knows an address; empty where it may."""
        is_open = target.port in WEB_PORTS or self._lists(target.host)
        return "" if is_open else f"port {target.port} is not one that the web uses"

    def _lists(self, name: str) -> bool:
        return name in self.names or any(name.endswith(domain) for domain in self.domains)


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry)
    except ValueError as error:
        if "/" in entry or ":" in entry:
            raise BadInput(
                f"fetch_allow: {entry!r} is no network ({error}).",
                "Write a host without scheme and port, an address, or a network like 192.168.0.0/16.",
            ) from error
        return None


def _name(entry: str, host: str) -> str:
    try:
        name, address = parse_host(host)
    except BadInput as error:
        raise BadInput(f"fetch_allow: {entry!r} is no host name.", "Write nas.local, or *.example.org.") from error
    if address is not None:
        raise BadInput(f"fetch_allow: {entry!r} mixes a name and an address.", "Write the one or the other.")
    return name
