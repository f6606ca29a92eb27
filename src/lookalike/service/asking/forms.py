"""How does a form with pictures come in? Its fields as text, its few files in memory, out of the request's share."""

from dataclasses import dataclass

from fastapi import Request

from lookalike.errors import BadInput
from lookalike.service.asking.bodies import MAX_FIELDS_BYTES, SMALLER_PICTURE, Form, stream_body
from lookalike.service.asking.room import Held, Share
from lookalike.service.parts import ServiceLimits


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form that came in whole."""

    fields: dict[str, str]
    """Those that are not empty, by name."""
    files: dict[str, Held]
    """By the names of their fields, in their order."""

    @property
    def file(self) -> bytes | None:
        """The bytes of the first file; None where there is none."""
        return next((one.bytes() for one in self.files.values()), None)


async def read_form(
    request: Request, limits: ServiceLimits, share: Share, *, fix: str, max_files: int = 1
) -> FilledForm:
    """Read a form with so many files at most; `fix` says what to do where there are more.

    Raises:
        BadInput, TooLarge: it is broken or too long, or holds more files.
        Overloaded: there is no room for it.
    """
    files: list[Held] = []

    def take(_name: str) -> Held:
        if len(files) == max_files:
            several = "The form holds several files."
            raise BadInput(several if max_files == 1 else f"The form holds more than {max_files} files.", fix)
        files.append(Held(share))
        return files[-1]

    form = Form(request.headers["content-type"], take)
    max_bytes = max_files * limits.max_upload_bytes + MAX_FIELDS_BYTES
    async for chunk in stream_body(request, max_bytes, limits.max_silence_s, smaller=SMALLER_PICTURE):
        form.feed(chunk)
    form.finish()
    fields = {name: text for name, text in form.fields.items() if text}
    return FilledForm(fields, dict(zip(form.file_fields, files, strict=True)))
