"""What does a hub answer? No more of it is read than such an answer ever has, wherever it sends us on to."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from lookalike.errors import NotAllowed, Unreachable

if TYPE_CHECKING:
    import httpx2

_TIMEOUT_S = 30.0
"""For each read: a connection that sends nothing for so long is given up."""
_MAX_REDIRECTS = 10
_MAX_JSON_BYTES = 20_000_000
"""A list of 10,000 files, with their sums, has 4 MB."""
_REASON_CHUNKS = 4
"""What is read of a refusal, for its reason: some 100 kB."""


@contextmanager
def asking(url: str, headers: Mapping[str, str] | None = None, **params: Any) -> Iterator["httpx2.Response"]:
    """Ask with the client's session and token; gives an answer that is none but good, to be read piece by piece.

    Raises what the client does, see `telling_faults`, and

    Raises:
        NotAllowed: the hub sends us on to where nothing is fetched from.
        Unreachable: it does so without end.
    """
    from huggingface_hub import get_session
    from huggingface_hub.utils import build_hf_headers

    from lookalike import __version__

    known = build_hf_headers(library_name="lookalike", library_version=__version__)
    # Packed in transit, nobody could say how much is missing.
    sent = {**known, "Accept-Encoding": "identity", **(headers or {})}
    client = get_session()
    request = client.build_request("GET", url, headers=sent, params=params or None, timeout=_TIMEOUT_S)
    for _ in range(_MAX_REDIRECTS):
        response = client.send(request, stream=True, follow_redirects=False)  # it would read all that comes with one
        try:
            if response.next_request is None:
                _refuse_failures(response)
                yield response
                return
        finally:
            response.close()
        request = _sent_on(response.request, response.next_request)
    raise Unreachable(f"{url} sends us on and on.", "Try again later, or check HF_ENDPOINT.")


def ask(url: str, **params: Any) -> Any:
    """Ask for JSON; raises as `asking` does.

    Raises:
        ValueError, RecursionError: it is none, or too long.
    """
    with asking(url, **params) as response:
        said = bytearray()
        for chunk in response.iter_bytes():
            said += chunk
            if len(said) > _MAX_JSON_BYTES:
                raise ValueError(f"more than {_MAX_JSON_BYTES:,} bytes")
        return json.loads(said)


def _sent_on(before: "httpx2.Request", after: "httpx2.Request") -> "httpx2.Request":
    """Go where a hub sends us, but not from https to where anybody may listen or answer, and to no files."""
    if after.url.scheme not in {"https", before.url.scheme}:
        what = f"{before.url.host} sends us on to {str(after.url)[:200]!r}, where nothing is fetched from."
        raise NotAllowed(what, "Check HF_ENDPOINT; a hub keeps its files at https:// addresses.")
    return after


def _refuse_failures(response: "httpx2.Response") -> None:
    """Have the client say what a failure means, of which it would read all that comes."""
    if not response.is_success:
        from httpx2 import Response
        from huggingface_hub.utils import hf_raise_for_status

        reason = b"".join(islice(response.iter_raw(), _REASON_CHUNKS))
        headers = [(name, value) for name, value in response.headers.items() if name != "content-encoding"]
        hf_raise_for_status(Response(response.status_code, headers=headers, content=reason, request=response.request))
