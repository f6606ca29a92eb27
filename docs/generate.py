"""What do the reference pages say? What the program itself says: its --help, its settings, its OpenAPI.

`python docs/generate.py` writes cli.md, known-encoders.md, settings.md, http-api.md and openapi.json anew; with --check
it only says which are out of date. Other pages are written by hand.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main
from pydantic import ByteSize
from typer.testing import CliRunner

from lookalike.cli import app
from lookalike.config import FILE_NAME, Settings
from lookalike.encoders.known import known_encoders, measured_on
from lookalike.library import Lookalike, ReadyParts
from lookalike.service import Parts, create_app
from lookalike.testing import ColourEncoder, MemoryGallery

FOLDER = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py; change the program, then run `make docs`. -->"


def cli_page() -> str:
    """Put the help of every verb on a page."""
    runner = CliRunner()
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined] # several verbs make a group
    parts = [
        "# Command line",
        NOTE,
        "Results go to stdout, everything else to stderr; with `--json`, each line is one JSON object in UTF-8. Exit "
        "codes: 0 done, 1 nothing found, 2 a mistake in what was asked, 3 the world outside (disk, network, machine), "
        "130 interrupted, 143 told to end by SIGTERM, 70 a mistake of Lookalike's.",
        _help(runner, []),
    ]
    for verb in verbs:
        parts += [f"## lookalike {verb}", _help(runner, [verb])]
    return "\n\n".join(parts) + "\n"


def _help(runner: CliRunner, verb: list[str]) -> str:
    shown = runner.invoke(app, [*verb, "--help"], prog_name="lookalike")
    lines = [line.rstrip() for line in shown.stdout.strip().splitlines()]
    return "\n".join(["```text", *lines, "```"])


def settings_page() -> str:
    """Put every setting on a page."""
    described = Settings.model_json_schema()["properties"]
    rows = [
        (
            f"`{name}`",
            _default(field.default),
            _taken(described[name]),
            f"`LOOKALIKE_{name.upper()}`",
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    parts = [
        "# Settings",
        NOTE,
        f"Whatever is said last counts: defaults, then `{FILE_NAME}`, then variables in the environment, then flags. "
        f"The file is the one that `--config` or `LOOKALIKE_CONFIG` names, else `{FILE_NAME}` in the current folder, "
        "else the one in the user's configuration folder (`~/.config/lookalike` on Linux). A name that is not listed "
        "here is an error, and the nearest one is proposed.",
        '```toml\n# lookalike.toml\ngallery = "~/photos.gallery"\nexclude = ["*.gif", "trash/*"]\nport = 8080\n```',
        "Sizes are bytes, or texts like `20MB` and `1GiB`. In the environment, commas separate lists.",
        _table(("setting", "default", "takes", "variable", "means"), rows),
    ]
    return "\n\n".join(parts) + "\n"


def _default(value: object) -> str:
    match value:
        case ByteSize():
            return f"{value / 1_000_000:g} MB"
        case None | "" | ():
            return "–"
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return f"`{','.join(map(str, value))}`"
        case _:
            return f"`{value}`"


def _taken(schema: Mapping[str, Any]) -> str:
    """Say which words a setting takes, or between which numbers it lies; nothing where its kind says it all."""
    one = schema["anyOf"][0] if "anyOf" in schema else schema
    if one.get("type") == "boolean":
        return "`true`, `false`"
    if "enum" in one:
        return ", ".join(f"`{word}`" for word in one["enum"])
    if one.get("type") == "number" and "maximum" in one:
        return f"up to {one['maximum']:,.0f}"
    least = one.get("minimum", one.get("exclusiveMinimum", 0) + 1)
    return f"{least:,} to {one['maximum']:,}" if "maximum" in one else ""


def http_page(described: Mapping[str, Any]) -> str:
    """Put every route and every schema of an OpenAPI description on a page."""
    parts = [
        "# HTTP API",
        NOTE,
        described["info"]["description"],
        "`lookalike serve` answers this at http://127.0.0.1:8077, with the same description for machines at "
        "`/openapi.json`. In short:",
        "```sh\ncurl -F image=@holiday.jpg http://127.0.0.1:8077/v1/search\n```",
    ]
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            parts += [f"## {method.upper()} {path}", f"**{route['summary'].rstrip('.?')}.** {route['description']}"]
            if route["x-scope"] != "none":
                parts.append(f"Where a login is needed, takes a key of scope `{route['x-scope']}`.")
            parts += _inputs(route)
            parts.append(_table(("answer", "is"), _answers(route)))
    parts.append("# Schemas")
    for name, schema in sorted(described["components"]["schemas"].items()):
        parts += [f"## {name}", schema.get("description", "")]
        parts.append(_shape(schema))
    return "\n\n".join(part for part in parts if part) + "\n"


def _shape(schema: Mapping[str, Any]) -> str:
    """Say what a schema holds: fields, one of several words, or one of several other schemas."""
    if "properties" in schema:
        return _fields(schema)
    if "oneOf" in schema:
        return "One of " + " and ".join(_kind(one) for one in schema["oneOf"])
    return ", ".join(f"`{one}`" for one in schema["enum"])


def _inputs(route: Mapping[str, Any]) -> Iterator[str]:
    parameters = [
        (f"`{one['name']}`", one["in"], _kind(one["schema"]), one.get("description", ""))
        for one in route.get("parameters", [])
    ]
    if parameters:
        yield _table(("parameter", "in", "type", "means"), parameters)
    for kind, content in route.get("requestBody", {}).get("content", {}).items():
        if "$ref" in content["schema"]:
            yield f"Body as `{kind}`: {_kind(content['schema'])}"
        elif "properties" not in content["schema"]:
            yield f"Body as `{kind}`: {content['schema'].get('description', _kind(content['schema']))}"
        else:
            yield f"Body as `{kind}`:"
            yield _fields(content["schema"])


def _answers(route: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for status, answer in route["responses"].items():
        kinds = [
            f"{_kind(content['schema'])} as `{kind}`" if "schema" in content else f"`{kind}`"
            for kind, content in answer.get("content", {}).items()
        ]
        yield status, ": ".join(filter(None, [answer["description"], ", ".join(kinds)]))


def _fields(schema: Mapping[str, Any]) -> str:
    rows = [(f"`{name}`", _kind(one), one.get("description", "")) for name, one in schema["properties"].items()]
    return _table(("field", "type", "means"), rows)


def _kind(schema: Mapping[str, Any]) -> str:
    """Say a type with its default and limits."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    said = schema.get("format") or schema.get("type", "anything")
    if said == "array":
        said = f"list of {_kind(schema['items'])}" if "items" in schema else "list"
    if "minimum" in schema and "maximum" in schema:
        said += f" {schema['minimum']:g}…{schema['maximum']:g}"
    default = schema.get("default")
    return said if default in (None, "") else f"{said}, else `{default}`"


def _table(heads: tuple[str, ...], rows: Any) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def describe_api() -> Mapping[str, Any]:
    """Make the application around an empty gallery, and have it describe itself."""
    ready = ReadyParts(gallery=MemoryGallery())
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "none.gallery"
        with Lookalike(where, ColourEncoder(), settings=Settings(captioner="none"), ready=ready) as library:
            return create_app(Parts(library=library)).openapi()


def encoders_page() -> str:
    """Put every well-known encoder on a page."""
    rows = [
        (
            f"`{one.name}`<br>{one.title}. {one.about}",
            f"{one.dim}",
            f"{one.side}",
            f"{one.mb:,}",
            f"{one.ms:,.0f}",
            one.words or "–",
            one.licence,
            f"[{one.paper.rpartition('/')[2]}]({one.paper})",
        )
        for one in known_encoders()
    ]
    parts = [
        "# Well-known encoders",
        NOTE,
        "What [`--encoder`](encoders.md) takes, with the dimensions of its vectors, the side of the square that it "
        "sees in pixels, millions of bytes of its weights, milliseconds a picture, the languages it understands, "
        "terms, and paper. `lookalike encoders` shows which of them are on your machine; "
        "`lookalike encoders show NAME` measures what a picture costs there.",
        _table(("encoder", "dim", "side", "MB", "ms", "words", "terms", "paper"), rows),
        "Dimensions, sides, MB and ms were measured, not copied: by `bench/known_encoders.py`, on networks of these "
        "names at their real size, laid out as their repositories are and loaded by these names. Their weights were "
        "random, which changes none of these numbers. MB are those of the files of weights, in 32 bits, as they are "
        "published; vocabularies come on top. The milliseconds are processor time, the median of "
        "five rounds in batches of 8 (one by one where a picture takes half a second or more), on "
        f"{measured_on()}. Other programs ran there meanwhile, which makes all of them longer; so compare "
        "them with that of `mini`, which took its turn beside each.",
    ]
    return "\n\n".join(parts) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "known-encoders.md": encoders_page,
    "settings.md": settings_page,
    "http-api.md": lambda: http_page(describe_api()),
    "openapi.json": lambda: json.dumps(describe_api(), indent=1, ensure_ascii=False, sort_keys=True) + "\n",
}


def main() -> None:
    """Write the pages, or with --check compare them."""
    stale = []
    for name, write in PAGES.items():
        path, page = FOLDER / name, write()
        if not path.exists() or path.read_text("utf-8") != page:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(page, "utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"Out of date: {', '.join(stale)}. Run `make docs`.")


if __name__ == "__main__":
    main()
