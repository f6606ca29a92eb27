"""What do groups of pictures look like in a browser? One file that asks for nothing else, the kept picture first."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from lookalike.cli.sheet import THUMBNAIL_SIZE, short_name
from lookalike.cli.terminal import plural, readable
from lookalike.errors import LookalikeError

if TYPE_CHECKING:
    from lookalike.duplicates import Group
    from lookalike.thumbnails import Thumbnails
    from lookalike.types import ImageRecord

_MOST = 500
"""Groups on a page; more make a file that browsers take long to open."""
_LINKED = ("file:", "http:", "https:")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Duplicates · Lookalike</title>
<style>
  :root {{ color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }}
  body {{ margin: 2rem }}
  h2 {{ font-size: 1rem; margin: 2rem 0 .5rem; border-top: 1px solid; padding-top: .5rem }}
  ol {{ display: flex; flex-wrap: wrap; gap: 1.5rem; padding: 0; align-items: end }}
  li {{ list-style: none; overflow-wrap: anywhere; width: 200px }}
  li:first-child strong::after {{ content: " ✓" }}
  img {{ max-width: 100%; max-height: 256px; display: block; margin-bottom: .5rem }}
  .gone {{ height: 128px; border: 1px dashed; display: grid; place-items: center; margin-bottom: .5rem }}
</style>
</head>
<body>
<h1>Duplicates</h1>
<p>{remark}</p>
{groups}
</body>
</html>
"""


def render(groups: Sequence["Group"], thumbnails: "Thumbnails") -> bytes:
    """Make the page, UTF-8."""
    spare = sum(len(group.others) for group in groups)
    remark = f"{plural(len(groups), 'group')} with {plural(spare, 'spare picture')}."
    if len(groups) > _MOST:
        remark += f" These are the first {_MOST}."
    sections = "\n".join(_section(group, thumbnails) for group in groups[:_MOST])
    return _PAGE.format(remark=escape(remark), groups=sections).encode(errors="replace")


def _section(group: "Group", thumbnails: "Thumbnails") -> str:
    says = {group.keep.id: f"kept: {group.kept_for}", **group.reasons}
    entries = "\n".join(_entry(record, says[record.id], thumbnails) for record in group.records)
    return f"<section><h2>{escape(group.tier)}</h2><ol>\n{entries}\n</ol></section>"


def _entry(record: "ImageRecord", reason: str, thumbnails: "Thumbnails") -> str:
    name = short_name(record.path)
    picture = _picture(record, name, thumbnails)
    if record.uri.startswith(_LINKED):
        picture = f'<a href="{escape(record.uri)}">{picture}</a>'
    facts = f"{record.width} × {record.height} {record.format}, {record.bytes:,} bytes"
    title = escape(readable(record.path))
    return f'<li title="{title}">{picture}<strong>{escape(reason)}</strong><br>{escape(name)}<br>{escape(facts)}</li>'


def _picture(record: "ImageRecord", name: str, thumbnails: "Thumbnails") -> str:
    try:
        jpeg = thumbnails.jpeg(record, THUMBNAIL_SIZE)
    except LookalikeError:
        return '<div class="gone">not there any more</div>'
    return f'<img src="data:image/jpeg;base64,{b64encode(jpeg).decode()}" alt="{escape(name)}">'
