"""How long may a caller keep a picture? For good, if it was asked for by its content; else it asks again."""

from dataclasses import dataclass

from lookalike.types import ImageRecord

FOR_GOOD = "private, max-age=31536000, immutable"
"""Source: https://www.rfc-editor.org/rfc/rfc8246"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller says of the picture that they ask for."""

    known: str
    """The header If-None-Match."""
    version: str
    """The sha256 that they expect; empty for whatever there is."""

    def headers(self, record: ImageRecord, tag: str, else_: str) -> dict[str, str]:
        """Give the headers of an answer that is named by `tag`, and kept as `else_` says where no version is named.

        An empty tag is no name: the answer has none then.
        """
        is_it = bool(self.version) and self.version == record.sha256
        named = {"ETag": f'"{tag}"'} if tag else {}
        return named | {"Cache-Control": FOR_GOOD if is_it else else_}

    def knows(self, tag: str) -> bool:
        """Tell whether the caller has it already; nobody is known to have what has no name."""
        return bool(tag) and names_tag(self.known, f'"{tag}"')


def names_tag(header: str, tag: str) -> bool:
    """Tell whether a header that lists tags names this one; a weak one stands for the strong one, and * for any.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
    """
    return header.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in header.split(",")]
