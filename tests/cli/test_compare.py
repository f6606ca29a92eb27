import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

KEYS = {"relation", "tier", "confidence", "signal", "transform", "reverse", "inliers", "regions"}
REGION_KEYS = {"query", "image", "homography", "mirrored", "inverted", "inliers", "agreement"}


def sides(polygon: list[list[float]]) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom."""
    corners = np.array(polygon)
    return (*corners.min(axis=0), *corners.max(axis=0))


def test_a_part_is_the_same_picture_and_both_ways_are_told(cli, pictures):
    done = cli("compare", pictures / "part.jpg", pictures / "original.png")
    assert done.code == 0
    verdict, forth, back, proof = done.stdout.splitlines()
    assert re.fullmatch(r"The same picture, edited: (certain|very likely), \d\d %\.", verdict)
    assert re.fullmatch(r"A is B: cropped to 2[456] %, mirrored\.", forth)
    assert re.fullmatch(r"B is A: set into a larger picture, 2[456] % of it, mirrored\.", back)
    assert re.fullmatch(r"1 region matches, by \d+ points\.", proof)


def test_json_has_the_whole_evidence_as_lists_of_x_y(cli, pictures):
    (one,) = cli("compare", pictures / "part.jpg", pictures / "original.png", "--json").objects
    assert set(one) == KEYS
    assert (one["relation"], one["tier"], one["signal"]) == ("same", "edited", "regions")
    assert one["confidence"] > 0.9
    assert one["inliers"] >= 6
    (region,) = one["regions"]
    assert set(region) == REGION_KEYS
    assert region["mirrored"]
    assert not region["inverted"]
    assert sides(region["query"]) == pytest.approx((0, 0, 1, 1), abs=0.02)
    assert sides(region["image"]) == pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.02)
    back = np.linalg.inv(np.reshape(region["homography"], (3, 3)))
    for (x, y), corner in zip(region["image"], region["query"], strict=True):
        mapped = back @ (x, y, 1)
        assert mapped[:2] / mapped[2] == pytest.approx(corner, abs=0.02)


def test_the_other_way_round_the_words_and_the_region_change_sides(cli, pictures):
    (forth,) = cli("compare", pictures / "part.jpg", pictures / "original.png", "--json").objects
    (back,) = cli("compare", pictures / "original.png", pictures / "part.jpg", "--json").objects
    assert sides(back["regions"][0]["query"]) == pytest.approx(sides(forth["regions"][0]["image"]), abs=0.02)
    assert back["reverse"].startswith("cropped to 2")
    assert forth["reverse"].startswith("set into a larger picture")


def test_the_same_bytes_and_the_same_pixels_are_identical(cli, pictures):
    done = cli("compare", pictures / "part.jpg", pictures / "part.jpg")
    assert (done.code, done.stdout) == (0, "Identical: the same bytes.\n")
    done = cli("compare", pictures / "original.png", pictures / "again.bmp")
    assert (done.code, done.stdout) == (0, "Identical: the same pixels.\n")
    (one,) = cli("compare", pictures / "original.png", pictures / "again.bmp", "--json").objects
    assert (one["relation"], one["tier"], one["confidence"], one["signal"]) == ("same", "identical", 1.0, "pixels")
    assert (one["regions"], one["inliers"]) == ([], 0)


def test_different_pictures_have_nothing_in_common_and_exit_with_1(cli, pictures):
    done = cli("compare", pictures / "original.png", pictures / "other.png")
    assert (done.code, done.stdout) == (1, "Nothing in common.\n")
    done = cli("compare", pictures / "original.png", pictures / "other.png", "--json")
    assert done.code == 1
    (one,) = done.objects
    assert (one["relation"], one["tier"], one["confidence"], one["regions"]) == ("unrelated", None, 0.0, [])


def test_different_pictures_may_share_a_region(cli, pictures):
    done = cli("compare", pictures / "shared.png", pictures / "original.png", "--json")
    assert done.code == 0
    (one,) = done.objects
    assert (one["relation"], one["tier"]) == ("shares_region", "similar")
    assert one["confidence"] < 0.5
    assert sides(one["regions"][0]["query"]) == pytest.approx((0, 0, 1, 0.25), abs=0.03)
    words = cli("compare", pictures / "shared.png", pictures / "original.png").stdout
    assert words.startswith("Different pictures that share a region;")


def test_a_crop_of_a_is_compared_alone_and_told_of_all_of_a(cli, pictures):
    (one,) = cli(
        "compare", pictures / "shared.png", pictures / "original.png", "--crop", "0,0,1,0.25", "--json"
    ).objects
    assert (one["relation"], one["tier"]) == ("same", "edited")
    assert one["transform"].startswith("cropped to 2")
    assert sides(one["regions"][0]["query"]) == pytest.approx((0, 0, 1, 0.25), abs=0.02)
    assert cli("compare", pictures / "shared.png", pictures / "original.png", "--crop", "0,0.3,1,0.7").code == 1


def test_pictures_come_from_stdin_by_id_and_by_url(cli, pictures, indexed, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_FETCH_ALLOW", "127.0.0.1")
    (hit, *_) = cli("search", pictures / "original.png", "--gallery", indexed, "--json", "-k", 1).objects
    piped = (pictures / "part.jpg").read_bytes()
    done = cli("compare", "-", hit["id"], "--gallery", indexed, "--json", stdin=piped)
    assert done.code == 0, done.stderr

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=pictures)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/part.jpg"
        fetched = cli("compare", url, pictures / "original.png", "--json")
        server.shutdown()
    assert done.objects == fetched.objects
    assert done.objects[0]["tier"] == "edited"


def test_what_cannot_be_compared_is_a_user_error(cli, pictures, tmp_path):
    picture = pictures / "original.png"
    (tmp_path / "broken.jpg").write_bytes((pictures / "part.jpg").read_bytes()[:200])
    for wrong in [("-", "-"), (picture, tmp_path / "not-there.jpg"), (picture, tmp_path / "broken.jpg")]:
        done = cli("compare", *wrong, stdin=b"")
        assert done.code == 2
        assert done.stderr.startswith("lookalike: ")
    assert cli("compare", picture, picture, "--crop", "0,0,2,1").code == 2
    unknown = cli("compare", picture, "a" * 16, "--gallery", tmp_path / "none.gallery")
    assert unknown.code == 2
    assert not (tmp_path / "none.gallery").exists()


def test_two_files_need_no_gallery(cli, pictures, tmp_path):
    gallery = tmp_path / "none.gallery"
    assert cli("compare", pictures / "original.png", pictures / "again.bmp", "--gallery", gallery).code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_shows_both_and_one_over_the_other(cli, pictures, tmp_path):
    query = ("compare", pictures / "part.jpg", pictures / "original.png", "--sheet")
    done = cli(*query, tmp_path / "both.png")
    assert done.code == 0
    assert f"The sheet is in {tmp_path / 'both.png'}." in done.stderr
    with Image.open(tmp_path / "both.png") as drawn:
        assert drawn.format == "PNG"
        assert drawn.size == (640 + 16 + 640, 480 + 16 + 360)
    assert cli(*query, tmp_path / "both.html").code == 0
    page = (tmp_path / "both.html").read_text("utf-8")
    assert page.count("data:image/jpeg;base64,") == 2
    assert "cropped to 2" in page
    assert "default-src 'none'" in page


def test_a_sheet_is_drawn_though_nothing_matches(cli, pictures, tmp_path):
    done = cli("compare", pictures / "original.png", pictures / "other.png", "--sheet", tmp_path / "both.png")
    assert done.code == 1
    with Image.open(BytesIO((tmp_path / "both.png").read_bytes())) as drawn:
        assert drawn.height == 480
    assert cli("compare", pictures / "original.png", pictures / "other.png", "--sheet", tmp_path / "both.pdf").code == 2


def test_without_colours_show_says_so_and_tells_it_in_words(cli, pictures):
    done = cli("compare", pictures / "part.jpg", pictures / "original.png", "--show")
    assert done.stdout.startswith("The same picture")
    assert "--sheet" in done.stderr


def test_with_colours_show_draws_the_pair(run, pictures):
    colours = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color", "PATH": "/usr/bin:/bin"}
    done = run("compare", pictures / "part.jpg", pictures / "original.png", "--show", env=colours)
    assert done.code == 0, done.stderr
    assert done.stdout.count("▀") > 40 * 8
    assert "The same picture, edited" in done.stdout
    without = run(
        "compare", pictures / "part.jpg", pictures / "original.png", "--show", env=colours | {"NO_COLOR": "1"}
    )
    assert without.stdout.startswith("The same picture")
    assert "--sheet" in without.stderr
