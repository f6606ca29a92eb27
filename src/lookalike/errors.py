"""What can go wrong? One base and few children; each says what happened, where, and what to do next."""


class LookalikeError(Exception):
    """Anything Lookalike raises on purpose.

    `what` happened and where; `fix` says what to do next (a sentence, or empty).
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix


class BadInput(LookalikeError):
    """The caller asked for something that cannot be: a wrong argument, setting, filter or cursor."""


class BadFilter(BadInput):
    """A filter that cannot be understood; `what` has a caret under the place."""


class BadWords(BadInput):
    """Words that say nothing to look for, or cannot be read."""


class BadAddress(BadInput):
    """An address on the web that is none, or is spelt as no address should be."""


class NotFound(LookalikeError):
    """No such record, file or gallery."""


class LoginNeeded(LookalikeError):
    """Nobody, or nobody known, asks for what is not for everybody."""


class NotAllowed(LookalikeError):
    """The caller may not do this here; `fix` says which setting or right is missing."""


class OutOfBounds(NotAllowed):
    """A place on this machine where the service may not work."""


class Conflict(LookalikeError):
    """It cannot be done now, as something else is under way or has come in between."""


class UnreadableImage(LookalikeError):
    """These bytes are no picture that we decode, or a broken one."""


class Blocked(LookalikeError):
    """A picture, edited or not, that somebody put on the block list."""


class TooLarge(LookalikeError):
    """A picture, download or upload is past a limit: bytes, pixels, seconds or memory."""


class Unreachable(LookalikeError):
    """Something outside did not answer, or an address that must not be asked."""


class Overloaded(LookalikeError):
    """Too much work is waiting already; the same request may succeed later."""


class TooOften(Overloaded):
    """This very caller asks more often than one may; in `retry_after_s` seconds they may again."""

    def __init__(self, what: str, fix: str = "", retry_after_s: float = 1.0) -> None:
        super().__init__(what, fix)
        self.retry_after_s = retry_after_s


class GalleryError(LookalikeError):
    """The gallery cannot do this: newer than the program, broken, full, read-only, or made with another encoder."""


class MachineError(LookalikeError):
    """This machine cannot do it: a disk is full or may not be written, or a graphics card has too little memory."""


class MissingExtra(LookalikeError):
    """A feature needs a package that is not installed; `fix` names the pip extra."""
