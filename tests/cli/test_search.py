import base64
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from types import SimpleNamespace

import pytest
from PIL import Image

from lookalike.cli import halfblocks
from lookalike.cli.reading import parse_crop, read_stdin
from lookalike.errors import BadInput, TooLarge
from lookalike.testing import picture_bytes
from lookalike.types import Region

pytestmark = pytest.mark.slow

KEYS = {
    *("rank", "id", "uri", "path", "tier", "score", "confidence", "evidence", "width", "height", "format", "bytes"),
    *("sha256", "taken_at", "added_at", "title", "caption", "tags", "label", "owner", "link", "metadata"),
    *("caption_source", "recognised", "edited"),
}


@pytest.fixture
def web(album):
    """Serve the album on this machine, and give its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=album))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_json_gives_one_object_a_hit_best_first(cli, album, gallery):
    done = cli("search", album / "3.jpg", "--gallery", gallery, "--json", "-k", 5)
    assert done.code == 0
    assert [set(one) for one in done.objects] == [KEYS] * 5
    assert [one["rank"] for one in done.objects] == [1, 2, 3, 4, 5]
    first = done.objects[0]
    assert first["uri"] == (album / "3.jpg").as_uri()
    assert (first["tier"], first["confidence"]) == ("identical", 1.0)
    assert first["evidence"] == {"signal": "sha256", "relation": None, "regions": [], "transform": "", "words": []}
    assert (first["width"], first["height"], first["format"]) == (96, 72, "jpeg")
    scores = [one["score"] for one in done.objects[1:]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= one["confidence"] <= 1 for one in done.objects)


def test_a_table_names_tier_confidence_score_and_path(cli, album, gallery):
    done = cli("search", album / "3.jpg", "--gallery", gallery, "-k", 2)
    head, first, second = done.stdout.splitlines()
    assert head.split() == ["#", "tier", "confidence", "score", "picture"]
    assert re.fullmatch(rf"1 +identical +certain, 100 % +1\.000 +{album}/3\.jpg *", first)
    assert re.match(r"2 +similar +", second)


def test_a_terminal_too_narrow_for_the_table_breaks_its_lines(cli, album, gallery, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    done = cli("search", album / "0.jpg", "--gallery", gallery, "-k", 1)
    assert "identical" in done.stdout
    assert "1.000" in done.stdout


def test_a_changed_copy_finds_its_original(cli, album, gallery, tmp_path):
    with Image.open(album / "5.jpg") as opened:
        opened.resize((70, 50)).save(tmp_path / "smaller.webp", quality=60)
    (hit, _) = cli("search", tmp_path / "smaller.webp", "--gallery", gallery, "--json", "-k", 2).objects
    assert hit["uri"] == (album / "5.jpg").as_uri()
    assert hit["tier"] == "edited"


def test_the_query_may_come_from_stdin_as_data_by_url_and_by_id(cli, album, gallery, web, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_FETCH_ALLOW", "127.0.0.1")
    data = (album / "3.jpg").read_bytes()
    found = [
        cli("search", "-", "--gallery", gallery, "--json", "-k", 3, stdin=data),
        cli("search", f"{web}/3.jpg", "--gallery", gallery, "--json", "-k", 3),
        cli(
            "search",
            "data:image/jpeg;base64," + base64.b64encode(data).decode(),
            "--gallery",
            gallery,
            "--json",
            "-k",
            3,
        ),
    ]
    for done in found:
        assert done.code == 0, done.stderr
        assert [one["id"] for one in done.objects] == [one["id"] for one in found[0].objects]
    first, *others = found[0].objects
    by_id = cli("search", first["id"], "--gallery", gallery, "--json", "-k", 2)
    assert [one["id"] for one in by_id.objects] == [one["id"] for one in others], "a picture is no answer to itself"


def test_of_what_is_piped_in_no_more_is_read_than_a_picture_may_have(cli, album, gallery, monkeypatch):
    data = (album / "3.jpg").read_bytes()
    monkeypatch.setenv("LOOKALIKE_MAX_BYTES", str(len(data)))
    assert cli("search", "-", "--gallery", gallery, stdin=data).code == 0
    done = cli("search", "-", "--gallery", gallery, stdin=data + b"0")
    assert (done.code, done.stdout) == (2, "")
    assert "Raise max_bytes" in done.stderr
    endless = BytesIO(data * 10)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False, buffer=endless))
    with pytest.raises(TooLarge):
        read_stdin("search -", len(data))
    assert endless.tell() == len(data) + 1


def test_where_stdin_is_closed_nothing_is_piped_in(run, gallery):
    for verb in (["search", "-"], ["compare", "-", "other.jpg"]):
        done = run(*verb, "--gallery", gallery, preexec_fn=lambda: os.close(0))
        assert done.code == 2
        assert "There is no picture on stdin." in done.stderr


def test_an_address_inside_this_network_is_not_asked_unless_allowed(cli, gallery, web):
    done = cli("search", f"{web}/3.jpg", "--gallery", gallery)
    assert done.code == 3
    assert "not asked" in done.stderr
    assert "fetch_allow" in done.stderr


def test_only_a_part_of_the_picture_may_count(cli, album, gallery, tmp_path):
    page = Image.new("RGB", (192, 72))
    for place, name in enumerate(("2.jpg", "6.jpg")):
        with Image.open(album / name) as opened:
            page.paste(opened, (96 * place, 0))
    page.save(tmp_path / "both.png")
    (hit,) = cli(
        "search", tmp_path / "both.png", "--crop", "0.5,0,0.5,1", "--gallery", gallery, "--json", "-k", 1
    ).objects
    assert hit["uri"].endswith("/6.jpg")
    (hit,) = cli("search", tmp_path / "both.png", "--crop", "0,0,.5,1", "--gallery", gallery, "--json", "-k", 1).objects
    assert hit["uri"].endswith("/2.jpg")


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,4,5", "a,b,c,d", ",,,", "0.1 0.2 0.3 0.4"])
def test_a_crop_that_is_not_four_numbers_is_refused(text):
    with pytest.raises(BadInput, match="not four numbers"):
        parse_crop(text)


def test_a_crop_is_x_y_width_height():
    assert parse_crop("0.1, 0.2,.3,0.4") == Region(x=0.1, y=0.2, width=0.3, height=0.4)
    assert parse_crop("") is None


@pytest.mark.parametrize("crop", ["0,0,2,1", "0.5,0.5,0.6,0.1", "-1,0,1,1", "0,0,0,0", "nan,0,1,1", "inf,0,1,1"])
def test_a_crop_outside_the_picture_is_refused(cli, album, gallery, crop):
    done = cli("search", album / "3.jpg", "--gallery", gallery, "--crop", crop)
    assert done.code == 2
    assert "fractions" in done.stderr


def test_filters_and_scores_narrow_the_answer_down_to_nothing_found(cli, album, gallery):
    query = ("search", album / "3.jpg", "--gallery", gallery, "--json")
    assert len(cli(*query, "--where", "path:*/3.jpg").objects) == 1
    assert len(cli(*query, "--min-score", "0.99999").objects) == 1
    done = cli(*query, "--where", "width>=1000")
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr == "Nothing found.\n"


def test_a_wrong_filter_is_pointed_at(cli, album, gallery):
    done = cli("search", album / "3.jpg", "--gallery", gallery, "--where", "widht>3")
    assert done.code == 2
    assert "  widht>3\n  ^^^^^" in done.stderr
    assert "width" in done.stderr.splitlines()[-1]


def test_the_next_page_goes_on_where_this_one_ended(cli, album, gallery):
    query = ("search", album / "3.jpg", "--gallery", gallery, "--json")
    whole = [one["id"] for one in cli(*query, "-k", 8).objects]
    first = cli(*query, "-k", 3)
    (cursor,) = re.findall(r"More with --after (\S+)", first.stderr)
    second = cli(*query, "-k", 3, "--after", cursor)
    assert [one["id"] for one in first.objects + second.objects] == whole[:6]
    assert [one["rank"] for one in second.objects] == [4, 5, 6]
    assert cli("search", album / "4.jpg", "--gallery", gallery, "--after", cursor).code == 2


def test_it_says_so_when_nothing_like_it_is_here(cli, gallery):
    grey = BytesIO()
    Image.effect_mandelbrot((200, 200), (-2, -1.5, 1, 1.5), 100).convert("RGB").save(grey, "PNG")
    done = cli("search", "-", "--gallery", gallery, "--json", stdin=grey.getvalue())
    assert done.code == 0
    assert all(one["confidence"] < 0.5 for one in done.objects) == ("Nothing like it is here" in done.stderr)


@pytest.mark.parametrize("data", [b"", b"no picture", picture_bytes(1)[:50]])
def test_a_query_that_is_no_picture_is_a_user_error(cli, gallery, data):
    done = cli("search", "-", "--gallery", gallery, stdin=data)
    assert done.code == 2
    assert done.stderr.startswith("lookalike: ")


def test_a_folder_is_no_query(cli, gallery, album):
    done = cli("search", album, "--gallery", gallery)
    assert (done.code, done.stderr) == (2, f"lookalike: '{album}' is a folder.\nName a picture in it.\n")


def test_k_has_limits(cli, album, gallery):
    done = cli("search", album / "3.jpg", "--gallery", gallery, "-k", 0)
    assert done.code == 2
    assert "Ask for one hit or more." in done.stderr
    assert cli("search", album / "3.jpg", "--gallery", gallery, "-k", 1_000_000).code == 2


def test_only_the_first_line_may_be_wanted(album, gallery):
    line = f"'{sys.executable}' -m lookalike search '{album}/3.jpg' --gallery '{gallery}' | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("#")
    assert "Traceback" not in done.stderr


def test_without_colours_show_falls_back_to_the_table(cli, album, gallery):
    done = cli("search", album / "3.jpg", "--gallery", gallery, "--show", "-k", 2)
    assert done.stdout.startswith("#  tier")
    assert "--sheet" in done.stderr


def test_with_colours_show_draws_the_pictures(run, album, gallery):
    colours = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color", "PATH": "/usr/bin:/bin"}
    done = run("search", album / "3.jpg", "--gallery", gallery, "--show", "-k", 2, env=colours)
    assert done.code == 0, done.stderr
    assert done.stdout.count("▀") > 2 * 20 * 8
    assert re.search(r"\x1b\[38;2;\d+;\d+;\d+;48;2;\d+;\d+;\d+m", done.stdout)
    assert "1 · identical · certain, 100 %" in done.stdout
    without = run("search", album / "3.jpg", "--gallery", gallery, "--show", "-k", 2, env=colours | {"NO_COLOR": "1"})
    assert "▀" not in without.stdout
    assert "--sheet" in without.stderr


@pytest.mark.parametrize(("size", "rows"), [((8, 8), 4), ((8, 7), 4), ((1, 1), 1), ((64, 16), 4), ((4, 40), 4)])
def test_two_pixels_share_a_character(size, rows):
    jpeg = BytesIO()
    Image.new("RGB", size, (255, 0, 0)).save(jpeg, "PNG")
    drawn = halfblocks.draw(jpeg.getvalue(), columns=32, rows=4)
    lines = drawn.plain.split("\n")
    assert len(lines) == rows
    assert max(map(len, lines)) <= 32
    assert set(drawn.plain) <= {"▀", "\n"}
    (colour,) = {span.style.color.triplet for span in drawn.spans}
    assert colour == (255, 0, 0)


def test_a_search_says_how_an_edited_hit_was_edited(cli, pictures, indexed):
    done = cli("search", pictures / "part.jpg", "--gallery", indexed, "-k", 4, "--where", "path:*.png")
    assert done.stdout.splitlines()[0].split() == ["#", "tier", "confidence", "score", "how", "picture"]
    assert re.search(r"^1 +edited .* cropped to 2[456] %, mirrored +\S+original\.png", done.stdout, re.MULTILINE)


def test_a_search_names_what_only_shares_a_region(cli, pictures, indexed):
    done = cli("search", pictures / "shared.png", "--gallery", indexed, "--where", "path:*original.png")
    assert re.search(r"^1 +similar .* shares a region +\S+original\.png", done.stdout, re.MULTILINE)


def test_a_search_draws_edited_hits_beside_the_query(cli, pictures, indexed, tmp_path):
    query = ("search", pictures / "part.jpg", "--gallery", indexed, "-k", 2, "--where", "path:*.png", "--sheet")
    assert cli(*query, tmp_path / "answers.html").code == 0
    page = (tmp_path / "answers.html").read_text("utf-8")
    assert page.count('<li class="proved">') == 1
    assert page.count("What the query has in common with original.png") == 1
    assert page.count("The query laid over original.png where they match") == 1
    assert "1 · edited" in page
    assert "cropped to 2" in page
    assert len(page) < 500_000
    assert cli(*query, tmp_path / "answers.png").code == 0
    with Image.open(tmp_path / "answers.png") as drawn:
        assert drawn.height > 3 * 150


@pytest.mark.parametrize("effort", ["fast", "normal", "thorough"])
def test_any_effort_finds_a_part(cli, pictures, indexed, effort):
    done = cli("search", pictures / "part.jpg", "--gallery", indexed, "--json", "--effort", effort)
    assert [one["tier"] for one in done.objects if one["uri"].endswith("original.png")] == ["edited"]


def test_an_effort_that_there_is_not_is_refused_with_those_there_are(cli, pictures, indexed):
    done = cli("search", pictures / "part.jpg", "--gallery", indexed, "--effort", "heroic")
    assert done.code == 2
    assert "--effort" in done.stderr
    assert "'thorough'" in done.stderr


# By words


def test_a_file_name_is_found_by_its_words_and_the_table_says_so(cli, gallery):
    done = cli("search", "5 jpg", "--gallery", gallery, "-k", 1)
    assert done.code == 0
    assert "says 5, jpg" in done.stdout
    assert done.stdout.rstrip().endswith("5.jpg")
    assert "Looked for" not in done.stderr, "plain words need no saying"


def test_how_words_were_read_is_said_on_stderr(cli, gallery):
    done = cli("search", '"5 jpg" sky:2 -people format:jpeg', "--gallery", gallery, "--json")
    assert done.code == 0
    assert 'Looked for: "5 jpg", sky; counting sky 2 times; without people; where format:jpeg.' in done.stderr
    assert [one["title"] or one["path"][-5:] for one in done.objects if one["evidence"]["words"]] == ["5.jpg"]


def test_words_that_only_leave_out_are_told_as_a_sentence(cli, album, gallery):
    done = cli("search", album / "0.jpg", "--and=-people", "--gallery", gallery)
    assert "Without people.\n" in done.stderr


def test_what_a_picture_shows_is_said_as_a_sentence(cli, album, gallery, tmp_path):
    own = tmp_path / "own.gallery"
    shutil.copy(gallery, own)
    known = cli("edit", album / "3.jpg", "--caption", "A dog in the snow.", "--gallery", own, "--json").objects[0]["id"]
    done = cli("search", known, "--mode", "caption", "--gallery", own)
    assert "The picture, in words: A dog in the snow" in done.stderr


def test_words_stand_beside_a_picture(cli, album, gallery):
    done = cli("search", album / "3.jpg", "--and", "in the snow -text:5", "--gallery", gallery, "--json")
    assert done.code == 0
    assert {one["tier"] for one in done.objects} == {"similar"}
    assert len(done.objects) == 7


def test_words_need_no_quotes_nor_do_the_names_of_files_with_blanks(cli, album, gallery, tmp_path):
    quoted, plain = (cli("search", *words, "--gallery", gallery, "--json") for words in (["dog snow"], ["dog", "snow"]))
    assert plain.objects == quoted.objects
    assert plain.stderr == quoted.stderr
    shutil.copy(album / "3.jpg", tmp_path / "my dog.jpg")
    first = cli("search", *str(tmp_path / "my dog.jpg").split(" "), "--gallery", gallery, "--json").objects[0]
    assert first["uri"] == (album / "3.jpg").as_uri()


@pytest.mark.parametrize(
    "given",
    [("3.jpg", "4.jpg"), ("3.jpg", "snow"), ("https://example.org/3.jpg", "https://example.org/4.jpg"), ("-", "snow")],
)
def test_one_picture_is_searched_with_at_a_time_and_words_beside_it_have_an_option(
    cli, album, gallery, given, monkeypatch
):
    monkeypatch.chdir(album)
    done = cli("search", *given, "--gallery", gallery)
    assert done.code == 2
    assert f"{given[0]} is one of several" in done.stderr
    assert "--and" in done.stderr


@pytest.mark.parametrize("word", ["-people", "-kids", "-été"])
def test_a_word_to_leave_out_that_looks_like_options_asks_for_quotes(cli, gallery, word):
    done = cli("search", "sunset", word, "--gallery", gallery)
    assert done.code == 2
    assert f"lookalike search 'sunset {word}'" in done.stderr
    assert cli("search", f"sunset {word}", "--gallery", gallery).code == 0


def test_other_options_that_are_none_are_told_as_everywhere(cli, gallery):
    done = cli("search", "sunset", "--wher", "width>1", "--gallery", gallery)
    assert done.code == 2
    assert "--where" in done.stderr
    assert "quotes" not in done.stderr


def test_a_mistyped_file_is_no_word_and_the_way_to_search_for_its_name_is_said(cli, gallery):
    done = cli("search", "holiday/cat.jpg", "--gallery", gallery)
    assert done.code == 2
    assert "neither a file" in done.stderr
    assert "'\"holiday/cat.jpg\"'" in done.stderr


def test_words_that_cannot_be_read_are_shown_with_a_caret(cli, gallery):
    done = cli("search", 'dog "in the snow', "--gallery", gallery)
    assert done.code == 2
    assert '  dog "in the snow\n      ^ this quote is never closed.' in done.stderr


def test_a_mode_without_a_picture_is_refused(cli, gallery):
    done = cli("search", "dog", "--mode", "caption", "--gallery", gallery)
    assert done.code == 2
    assert "needs a picture" in done.stderr


def test_a_long_word_that_looks_like_an_id_is_a_word(cli, gallery):
    done = cli("search", "responsibilities", "--gallery", gallery, "--json")
    assert done.code == 0
    assert "Nothing here suits these words well" in done.stderr


def test_a_sheet_says_how_good_the_answer_is_as_the_terminal_does(cli, gallery, tmp_path):
    sheet = tmp_path / "sheet.html"
    for words, where, said in (
        ("responsibilities", "", "Nothing here suits these words well; these are the nearest."),
        ("responsibilities", "label:nothing", "Nothing found."),
    ):
        done = cli("search", words, "--where", where, "--gallery", gallery, "--sheet", sheet)
        assert said in done.stderr
        assert said in sheet.read_text()
        assert "Nothing like it" not in sheet.read_text()


def test_a_sheet_of_words_has_no_query_picture(cli, gallery, tmp_path):
    for name in ("sheet.html", "sheet.png"):
        assert cli("search", "5 jpg", "--gallery", gallery, "--sheet", tmp_path / name).code == 0
    page = (tmp_path / "sheet.html").read_text()
    assert "<h1>5 jpg</h1>" in page
    assert page.count("<img") == 8
