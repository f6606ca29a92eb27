"""What is known about one encoder?"""

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lookalike.cli.encoders.pulling import describe
from lookalike.cli.terminal import print_json, readable
from lookalike.errors import NotFound, Unreachable

_WIDTH, _INDENT = 100, 10


def show_encoder(name: str, config: Path | None, *, as_json: bool) -> None:
    """Print what is known about an encoder; where it is here, also what it says of itself, and what it costs."""
    facts = _facts(name, config)
    if as_json:
        print_json(facts)
        return
    for label, value in facts.items():
        shown = value if isinstance(value, str) else _joined(value)
        if shown:
            text = textwrap.fill(readable(shown), _WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False)
            print(f"{label:{_INDENT}}{textwrap.indent(text, ' ' * _INDENT).strip()}")


def _facts(name: str, config: Path | None) -> dict[str, Any]:
    from lookalike.encoders.known import known, measured_on
    from lookalike.models.hub import staying_offline

    found = known(name)
    stated: dict[str, Any] = {"name": name}
    if found:
        stated = {key: value for key, value in asdict(found).items() if value} | {"ms on": measured_on()}
    if found and found.repo and not found.fetched_bytes:
        return {**stated, "here": _no(found.name)}
    if found and name.startswith("torch:"):
        return {**stated, "here": "no"}
    try:
        with staying_offline():
            return {**stated, **_loaded(name, config)}
    except Unreachable:
        if found:
            return {**stated, "here": _no(name)}
        raise NotFound(f"{name} is not here.", f"Fetch it: `lookalike encoders pull {name}`.") from None


def _no(name: str) -> str:
    return f"no; `lookalike encoders pull {name}` fetches it"


def _loaded(name: str, config: Path | None) -> dict[str, Any]:
    from lookalike.config import load_settings
    from lookalike.encoders import load_encoder

    encoder = load_encoder(name, load_settings(config).engine)
    facts = describe(encoder)
    card = getattr(encoder, "card", None)
    said = {
        key: " ".join(text.split())
        for key in ("licence", "source", "paper", "about")
        if (text := getattr(card, key, ""))
    }
    return {
        **said,
        "loads as": facts["name"],
        "spaces": [f"{one['name']} ({one['dim']})" for one in facts["spaces"]],
        "words": ", ".join(facts["languages"]),
        "cost": f"{facts['ms']:.1f} ms a picture on {facts['engine']}, on this machine",
    }


def _joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
