"""Is it said what is missing, before an assistant waits for an answer?"""

import sys


def test_without_the_protocols_package_the_extra_is_named(cli, monkeypatch):
    mcp_verb = sys.modules["lookalike.cli.mcp"]
    monkeypatch.setattr(mcp_verb, "find_spec", lambda _: None)
    ran = cli("mcp")
    assert ran.code == 3
    assert "lookalike[mcp]" in ran.stderr
    assert ran.stdout == ""


def test_a_gallery_that_is_not_there_is_said_at_once(cli, tmp_path):
    ran = cli("mcp", "--gallery", tmp_path / "none.gallery")
    assert ran.code == 2
    assert "none.gallery" in ran.stderr
    assert ran.stdout == "", "which belongs to the protocol"
