"""How does one fetch encoders before they are needed?"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.cli.failing import say
from lookalike.cli.fetching import shown_fetches
from lookalike.cli.terminal import print_json, readable

if TYPE_CHECKING:
    from lookalike.encoders import Encoder


def pull_encoders(names: Sequence[str], config: Path | None, *, as_json: bool) -> None:
    """Fetch encoders, load each once, and say what they are and what they cost here."""
    from lookalike.config import load_settings
    from lookalike.encoders import load_encoder

    engine = load_settings(config).engine
    for name in names:
        _say_terms(name)
        with shown_fetches(refresh=True):
            encoder = load_encoder(name, engine)
        facts = describe(encoder)
        if as_json:
            print_json({"asked_for": name, **facts})
        else:
            dims = ", ".join(f"{one['dim']} dimensions ({one['name'].rpartition('/')[2]})" for one in facts["spaces"])
            print(f"{readable(facts['name'])} is ready: {dims}, {facts['ms']:.1f} ms a picture on {facts['engine']}")


def describe(encoder: "Encoder") -> dict[str, Any]:
    """Say what an encoder is, as it is loaded, and what it costs on this machine."""
    from lookalike.cli.measuring import engine_of, milliseconds_a_picture
    from lookalike.encoders import TextEncoder

    words = list(encoder.languages) if isinstance(encoder, TextEncoder) else []
    return {
        "name": encoder.name,
        "engine": engine_of(encoder),
        "spaces": [{"name": one.name, "dim": one.dim, "digest": one.digest} for one in encoder.spaces.values()],
        "languages": words,
        "side": encoder.fit.size,
        "ms": round(milliseconds_a_picture(encoder), 2),
    }


def _say_terms(name: str) -> None:
    from lookalike.encoders.known import known

    if (found := known(name)) and not found.licence.startswith(("Apache-2.0", "MIT")):
        say(f"The terms of {found.title}: {found.licence}.")
