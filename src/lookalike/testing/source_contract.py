"""What must every source do?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from pathlib import Path

from lookalike.sources import Source
from lookalike.testing.claims import refuses
from lookalike.types import Failure, Item
from lookalike.uris import image_id


class SourceContract:
    """Give `make` (a source of at least two pictures), `change` and `make_missing`."""

    def make(self, tmp_path: Path) -> Source:
        raise NotImplementedError("a subclass of SourceContract gives a source of at least two pictures")

    def change(self, tmp_path: Path) -> str:
        """Change the bytes of one picture of the source made before; say its uri."""
        raise NotImplementedError("a subclass of SourceContract changes one picture and says its uri")

    def make_missing(self, tmp_path: Path) -> Source:
        """Give a source of something that is not there."""
        raise NotImplementedError("a subclass of SourceContract gives a source that is not there")

    def test_every_picture_is_offered_once_with_a_uri_and_a_version(self, tmp_path: Path) -> None:
        items = _items(self.make(tmp_path))
        assert len(items) >= 2
        assert len({item.uri for item in items}) == len(items)
        for item in items:
            assert item.version
            assert " " not in item.version + item.described, "a gallery tells them apart by a space"
            assert item.uri.isascii(), "a uri is percent-encoded"
            assert image_id(item.uri)

    def test_listing_again_offers_the_same(self, tmp_path: Path) -> None:
        source = self.make(tmp_path)
        assert _items(source) == _items(source)

    def test_every_uri_lies_below_a_prefix(self, tmp_path: Path) -> None:
        source = self.make(tmp_path)
        assert source.prefixes, "without prefixes nothing that vanishes would ever be forgotten"
        for item in _items(source):
            below = (
                item.uri.startswith(prefix) if prefix.endswith("/") else item.uri == prefix
                for prefix in source.prefixes
            )
            assert any(below), f"{item.uri} lies below none of {source.prefixes}"

    def test_every_picture_can_be_opened(self, tmp_path: Path) -> None:
        source = self.make(tmp_path)
        for item in _items(source):
            opened = source.open(item)
            assert len(opened.read_bytes() if isinstance(opened, Path) else opened) > 0

    def test_a_changed_picture_has_another_version_and_the_others_keep_theirs(self, tmp_path: Path) -> None:
        source = self.make(tmp_path)
        before = {item.uri: item.version for item in _items(source)}
        changed = self.change(tmp_path)
        after = {item.uri: item.version for item in _items(source)}
        assert {uri for uri in before if before[uri] != after[uri]} == {changed}

    def test_a_source_that_is_not_there_says_so(self, tmp_path: Path) -> None:
        with refuses():
            list(self.make_missing(tmp_path).items())


def _items(source: Source) -> list[Item]:
    found = list(source.items())
    failures = [one for one in found if isinstance(one, Failure)]
    assert not failures, f"a part cannot be listed: {failures[0].reason}"
    return [one for one in found if isinstance(one, Item)]
