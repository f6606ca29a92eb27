"""Does the reference of the HTTP API draw itself, without any other server, and does what it shows do what it says?"""

import shlex
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser

UNDERSTOOD = {"200", "201", "202", "204", "401", "403", "404"}
"""What may be answered: the examples' key, folder and most of their ids are nobody's."""

ABSENT = ("https://example.org", "/v1/images/kq3v5n2xwz7dymbt/caption")
"""In examples of what is not to be had here: a picture on the web, and a captioner."""


def test_the_reference_lists_every_route(page, address):
    page.goto(f"{address}docs")
    page.locator("#problem-list dt").first.wait_for()
    calls = page.locator(".call").all_inner_texts()
    described = page.request.get(f"{address}openapi.json").json()
    assert len(calls) == sum(len(methods) for methods in described["paths"].values())
    assert any("/v1/search" in call for call in calls)
    page.goto(f"{address}docs#bad-input")
    expect(page.locator("#bad-input")).to_be_in_viewport()


def test_every_example_asks_what_it_stands_beside(page, address, tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    (tmp_path / "picture.jpg").write_bytes(picture_bytes(1))
    page.goto(f"{address}docs")
    page.locator("#problem-list dt").first.wait_for()
    methods, examples = page.locator(".call .method").all_inner_texts(), page.locator("pre").all_inner_texts()
    for method, example in zip(methods, examples, strict=True):
        if any(one in example for one in ABSENT):
            continue
        told = ["-sS", "-o", "answer", "-w", "%{method} %{http_code}"]
        command = [one for one in shlex.split(example) if one != "-OJ"]
        sent = subprocess.run([*command, *told], check=True, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        asked, _, status = sent.stdout.partition(" ")
        assert (asked, status in UNDERSTOOD) == (method, True), f"{example}: {sent}"
