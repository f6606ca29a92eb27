import re
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

import pytest
from PIL import Image

from lookalike.cli.sheet import Entry, Sheet, check_sheet_path, html, png, write_sheet
from lookalike.errors import BadInput
from lookalike.testing import picture_bytes

NASTY = "<script>alert('1')</script>\"'&\x00.jpg"


@cache
def picture(seed: int, width: int, height: int) -> bytes:
    return picture_bytes(seed, (width, height))


def entry(**changes) -> Entry:
    fields = {"jpeg": picture(1, 256, 192), "heading": "1 · similar", "name": "a.jpg", "uri": "file:///a.jpg"}
    return Entry(**(fields | changes))


def sheet(*entries: Entry, **changes) -> Sheet:
    fields = {"query": picture(0, 200, 256), "query_name": "query.jpg", "remark": "2 hits", "entries": entries}
    return Sheet(**(fields | changes))


class Page(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, wanted: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == wanted]


def test_a_page_shows_the_query_and_every_hit_and_asks_for_nothing_else():
    page = Page(html.render(sheet(entry(), entry(heading="2 · similar", name="b.jpg"))).decode())
    pictures = page.all("img")
    assert [one["alt"] for one in pictures] == ["query.jpg", "a.jpg", "b.jpg"]
    assert all(one["src"].startswith("data:image/jpeg;base64,") for one in pictures)
    assert not page.all("script")
    assert not page.all("link")
    policy = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert "2 · similar" in page.text


def test_names_and_uris_cannot_break_out_of_the_page():
    nasty = entry(name=NASTY, heading=NASTY, uri='file:///"onmouseover="alert(1)')
    page = Page(html.render(sheet(nasty, query_name=NASTY, remark=NASTY)).decode())
    assert not page.all("script")
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "div", "h1", "p"),
        *("ol", "li", "a", "img", "strong", "br"),
    }
    assert page.all("a") == [{"href": 'file:///"onmouseover="alert(1)'}]
    assert all(set(one) == {"src", "alt"} for one in page.all("img"))


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "s3://bucket/key"])
def test_only_files_and_web_addresses_become_links(uri):
    assert Page(html.render(sheet(entry(uri=uri))).decode()).all("a") == []


def test_a_picture_that_is_gone_is_said_so():
    page = Page(html.render(sheet(entry(jpeg=None))).decode())
    assert len(page.all("img")) == 1
    assert "not there any more" in page.text
    with Image.open(BytesIO(png.render(sheet(entry(jpeg=None))))) as drawn:
        assert drawn.width > 256


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 2, 5, 6, 11])
def test_a_png_has_room_for_all(count):
    entries = [entry(jpeg=picture(one, 256, 100 + 10 * one)) for one in range(count)]
    with Image.open(BytesIO(png.render(sheet(*entries)))) as drawn:
        assert drawn.format == "PNG"
        columns, rows = min(5, max(2, count)), -(-count // 5)
        assert drawn.width == columns * 280 + 24
        assert drawn.height >= 256 + rows * 100
        last = drawn.crop((24, drawn.height - 90, 280, drawn.height - 48))
        assert len(last.getcolors(100_000)) > 1, "the last row is drawn"


@pytest.mark.slow
def test_a_name_is_drawn_alike_however_its_accents_are_written():
    one, two = (png.render(sheet(entry(name=normalize(form, "Café ünïcode.jpg")))) for form in ("NFC", "NFD"))
    assert one == two


@pytest.mark.slow
def test_a_long_name_is_shortened_in_the_middle():
    wide = png.render(sheet(entry(name="a" * 300 + ".jpg")))
    with Image.open(BytesIO(wide)) as drawn:
        assert drawn.width == 2 * 280 + 24
        right = drawn.crop((24 + 260, 300, drawn.width, drawn.height))
        assert right.getcolors() == [(right.width * right.height, (255, 255, 255))], "nothing runs into the next cell"


@pytest.mark.slow
def test_a_proof_stands_beside_its_hit_on_a_page_and_below_all_hits_in_a_png():
    proved = entry(name="b.jpg", proof=picture(2, 720, 267), overlay=picture(3, 512, 384))
    said = html.render(sheet(entry(), proved)).decode()
    page = Page(said)
    assert '<li class="proved"><div>' in said, "the hit stands beside its proof"
    assert [one["alt"] for one in page.all("img")] == [
        *("query.jpg", "a.jpg", "b.jpg"),
        "What the query has in common with b.jpg",
        "The query laid over b.jpg where they match",
    ]
    assert [one.get("class") for one in page.all("li")] == [None, "proved"]
    with (
        Image.open(BytesIO(png.render(sheet(entry(), entry())))) as without,
        Image.open(BytesIO(png.render(sheet(entry(), proved)))) as drawn,
    ):
        assert drawn.width == without.width
        assert drawn.height > without.height + 190 + 384


@pytest.mark.parametrize("name", ["answers.pdf", "answers", "answers.html.txt", ".html"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(BadInput, match="cannot be written"):
        check_sheet_path(tmp_path / name)


def test_a_missing_folder_is_refused_and_so_is_a_folder_itself(tmp_path):
    with pytest.raises(BadInput, match="no folder"):
        check_sheet_path(tmp_path / "nowhere" / "answers.html")
    (tmp_path / "answers.html").mkdir()
    with pytest.raises(BadInput, match="is a folder"):
        check_sheet_path(tmp_path / "answers.html")


def test_a_sheet_replaces_an_older_one_whole_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "answers.HTML"
    path.write_text("old")
    write_sheet(path, sheet(entry()))
    assert path.read_bytes().startswith(b"<!doctype html>")
    assert list(tmp_path.iterdir()) == [path]


def test_a_sheet_that_cannot_be_made_leaves_the_older_one(tmp_path):
    path = tmp_path / "answers.png"
    path.write_text("old")
    with pytest.raises(OSError, match="cannot identify"):
        write_sheet(path, sheet(entry(jpeg=b"no jpeg")))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_a_search_writes_a_page(cli, album, gallery, tmp_path):
    path = tmp_path / "answers.html"
    done = cli("search", album / "3.jpg", "--gallery", gallery, "-k", 4, "--sheet", path)
    assert done.code == 0
    assert f"The contact sheet is in {path}." in done.stderr
    page = Page(path.read_text("utf-8"))
    assert [one["alt"] for one in page.all("img")][:2] == ["3.jpg", "3.jpg"]
    assert len(page.all("img")) == 5
    assert page.all("a")[0]["href"] == (album / "3.jpg").as_uri()
    assert re.search(r"1 · identical · certain, 100 %", page.text)


@pytest.mark.slow
def test_a_search_by_id_draws_a_png(cli, album, gallery, tmp_path):
    (hit,) = cli("search", album / "3.jpg", "--gallery", gallery, "--json", "-k", 1).objects
    done = cli("search", hit["id"], "--gallery", gallery, "--sheet", tmp_path / "answers.png")
    assert done.code == 0, done.stderr
    with Image.open(tmp_path / "answers.png") as drawn:
        assert drawn.size[0] == 5 * 280 + 24


def test_a_wrong_ending_is_said_before_the_search(cli, album, tmp_path):
    done = cli("search", album / "3.jpg", "--gallery", tmp_path / "none.gallery", "--sheet", tmp_path / "answers.pdf")
    assert done.code == 2
    assert ".html or .png" in done.stderr


@pytest.mark.slow
def test_originals_that_are_gone_are_shown_as_gone(cli, tmp_path):
    folder, gallery = tmp_path / "pictures", tmp_path / "new.gallery"
    folder.mkdir()
    for seed in range(3):
        (folder / f"{seed}.jpg").write_bytes(picture_bytes(seed, (64, 48)))
    cli("index", folder, "--gallery", gallery)
    Path(folder / "2.jpg").unlink()
    done = cli("search", folder / "1.jpg", "--gallery", gallery, "--sheet", tmp_path / "answers.html")
    assert done.code == 0
    assert "not there any more" in (tmp_path / "answers.html").read_text("utf-8")
