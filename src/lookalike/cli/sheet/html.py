"""What does a contact sheet look like in a browser? One file that asks for nothing else."""

from base64 import b64encode
from html import escape
from urllib.parse import urlsplit

from lookalike.cli.sheet import Entry, Sheet

_LINKED = {"file", "http", "https"}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{name} · Lookalike</title>
<style>
  :root {{ color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }}
  body {{ margin: 2rem }}
  header {{ display: flex; gap: 1.5rem; align-items: end; margin-bottom: 2rem }}
  h1 {{ font-size: 1.4rem; overflow-wrap: anywhere }}
  ol {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 1.5rem; padding: 0 }}
  ol {{ align-items: end }}
  li {{ list-style: none; overflow-wrap: anywhere }}
  img {{ max-width: 100%; max-height: 256px; display: block; margin-bottom: .5rem }}
  li.proved {{ grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: start }}
  li.proved div {{ width: 180px }}
  .gone {{ height: 128px; border: 1px dashed; display: grid; place-items: center; margin-bottom: .5rem }}
</style>
</head>
<body>
<header>{query}<div><h1>{name}</h1><p>{remark}</p></div></header>
<ol>
{entries}
</ol>
</body>
</html>
"""


def render(sheet: Sheet) -> bytes:
    """Make the page, UTF-8."""
    page = _PAGE.format(
        name=escape(sheet.query_name),
        remark=escape(sheet.remark),
        query=_picture(sheet.query, sheet.query_name) if sheet.query else "",
        entries="\n".join(_entry(entry) for entry in sheet.entries),
    )
    return page.encode(errors="replace")


def _entry(entry: Entry) -> str:
    picture = _picture(entry.jpeg, entry.name) if entry.jpeg else '<div class="gone">not there any more</div>'
    if urlsplit(entry.uri).scheme in _LINKED:
        picture = f'<a href="{escape(entry.uri)}">{picture}</a>'
    hit = f"{picture}<strong>{escape(entry.heading)}</strong><br>{escape(entry.name)}"
    if not entry.proof:
        return f"<li>{hit}</li>"
    proof = _picture(entry.proof, f"What the query has in common with {entry.name}")
    if entry.overlay:
        proof += _picture(entry.overlay, f"The query laid over {entry.name} where they match")
    return f'<li class="proved"><div>{hit}</div>{proof}</li>'


def _picture(jpeg: bytes, name: str) -> str:
    return f'<img src="data:image/jpeg;base64,{b64encode(jpeg).decode()}" alt="{escape(name)}">'
