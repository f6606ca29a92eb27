"""What did the other side say? Status, headers, and a body whose size is never trusted."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lookalike.errors import TooLarge, Unreachable

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
"""Tell zlib to see by itself which of the two it is. Source: zlib manual, inflateInit2."""

_MEMBER = b"\x1f\x8b"
"""What each of a gzip's members begins with; they follow one another. Source: RFC 1952, sections 2.2 and 2.3.1."""
_MOST_MEMBERS = 10_000
"""Block gzip, which has the most, puts up to 64 KiB into each; empty ones would keep us busy for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP response, its body still on the way."""

    host: str
    status: int
    headers: Mapping[str, str]
    """By lower-case name; repeated ones joined by commas, as RFC 9110 §5.3 reads them."""
    chunks: Iterator[bytes]

    def read(self, max_bytes: int) -> bytes:
        """Read the body, and unfold it where its Content-Encoding is `gzip` or `deflate`.

        Never holds more than about twice `max_bytes`, however much the bytes would unfold to.

        Raises:
            TooLarge: more than `max_bytes`, announced, sent or unfolded.
            Unreachable: another encoding, several of them, or a broken one.
            OSError: the connection broke, or its time was over.
        """
        if int(self.headers.get("content-length", "0")) > max_bytes:
            raise self._too_large(max_bytes)
        unfolding = _Unfolding() if self._compressed() else None
        received = 0
        content = bytearray()
        try:
            for chunk in self.chunks:
                received += len(chunk)
                content += unfolding.unfold(chunk, max_bytes + 1 - len(content)) if unfolding else chunk
                if max(received, len(content)) > max_bytes:
                    raise self._too_large(max_bytes)
        except zlib.error as error:
            raise Unreachable(f"{self.host} sent a broken body: {error}.") from error
        if unfolding and not unfolding.is_complete:
            raise Unreachable(f"{self.host} sent a body that breaks off.")
        return bytes(content)

    def _compressed(self) -> bool:
        encoding = self.headers.get("content-encoding", "")
        codings = [name for part in encoding.split(",") if (name := part.strip().lower()) not in {"", "identity"}]
        # Only gzip was asked for; nested codings are what bombs are made of, and no picture gains from them.
        if codings not in ([], ["gzip"], ["x-gzip"], ["deflate"]):
            raise Unreachable(f"{self.host} sent a body encoded as {encoding[:100]!r}, which was not asked for.")
        return bool(codings)

    def _too_large(self, max_bytes: int) -> TooLarge:
        return TooLarge(
            f"{self.host} sends more than {max_bytes:,} bytes.", "Use a smaller picture, or raise fetch_max_bytes."
        )


class _Unfolding:
    """A compressed body that is being unfolded."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._members = 1

    @property
    def is_complete(self) -> bool:
        """Whether the last member that began has ended."""
        return self._member.eof

    def unfold(self, chunk: bytes, most: int) -> bytes:
        """Unfold another part, to at most so many bytes. Other things than members that follow are passed over.

        Raises:
            zlib.error: it is broken.
        """
        content = self._member.decompress(chunk, most)
        while self._member.unused_data.startswith(_MEMBER) and len(content) < most:
            self._members += 1
            if self._members > _MOST_MEMBERS:
                raise zlib.error(f"more than {_MOST_MEMBERS:,} members")
            rest, self._member = self._member.unused_data, zlib.decompressobj(_GZIP_OR_ZLIB)
            content += self._member.decompress(rest, most - len(content))
        return content
