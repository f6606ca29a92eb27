"""What did the other side say? Status, headers, and a body whose size is never trusted."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lookalike.errors import TooLarge, Unreachable

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
"""Tell zlib to see by itself which of the two it is. Source: zlib manual, inflateInit2."""


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
        inflate = zlib.decompressobj(_GZIP_OR_ZLIB) if self._compressed() else None
        received = 0
        content = bytearray()
        try:
            for chunk in self.chunks:
                received += len(chunk)
                content += inflate.decompress(chunk, max_bytes + 1 - len(content)) if inflate else chunk
                if max(received, len(content)) > max_bytes:
                    raise self._too_large(max_bytes)
        except zlib.error as error:
            raise Unreachable(f"{self.host} sent a broken body: {error}.") from error
        if inflate and not inflate.eof:
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
