"""What does the person read, and which code does the shell get, when a verb fails?"""

import errno
import os
import sys
import traceback
from typing import Any

import typer
from typer.core import TyperGroup

from lookalike import errors
from lookalike.cli.terminal import readable

NOTHING = 1
"""Nothing was found, or nothing was done."""
MISTAKEN = 2
"""What was asked for cannot be. Source: Click, which ends so when an option is misspelt."""
OUTSIDE = 3
"""Something outside hinders: a disk, a network, a gallery that is damaged, a package that is missing."""
BUG = 70
"""A mistake of ours. Source: EX_SOFTWARE of sysexits.h; 1 would read as "nothing found"."""
INTERRUPTED = 130
"""Ctrl-C. Source: POSIX, Shell Command Language, 2.8.2: 128 and the number of the signal that ended a program."""
TERMINATED = 143
"""SIGTERM, likewise."""

EXIT_CODES: dict[type[errors.LookalikeError], int] = {
    errors.BadInput: MISTAKEN,
    errors.NotFound: MISTAKEN,
    errors.UnreadableImage: MISTAKEN,
    errors.TooLarge: MISTAKEN,
    errors.Blocked: MISTAKEN,
    errors.LoginNeeded: OUTSIDE,
    errors.NotAllowed: MISTAKEN,
    errors.Conflict: MISTAKEN,
    errors.Unreachable: OUTSIDE,
    errors.Overloaded: OUTSIDE,
    errors.GalleryError: OUTSIDE,
    errors.MachineError: OUTSIDE,
    errors.MissingExtra: OUTSIDE,
}

_NO_RIGHT = "See who may read and write there."
_WAYS_OUT = {
    errno.ENOSPC: "Make room there, or name another place.",
    errno.EDQUOT: "Make room there, or name another place.",
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: _NO_RIGHT,
}
"""What to do next, where nobody nearer to what the system refused has said so."""


class Verbs(TyperGroup):
    """Runs a verb and turns what it raises into a message on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb that the command line names."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except errors.LookalikeError as error:
            report(error, debug=_debugging(ctx))
            raise typer.Exit(exit_code(error)) from error
        except OSError as error:
            if _has_lost_reader(error):
                _forget_stdout()
                raise typer.Exit(0) from error
            names = " → ".join(str(name) for name in (error.filename, error.filename2) if name is not None)
            what = f"{error.strerror or error}: {names}" if names else str(error.strerror or error)
            report(errors.LookalikeError(what, _WAYS_OUT.get(error.errno or 0, "")), debug=_debugging(ctx))
            raise typer.Exit(OUTSIDE) from error
        except KeyboardInterrupt as error:
            say("Stopped.")
            raise typer.Exit(INTERRUPTED) from error


def exit_code(error: errors.LookalikeError) -> int:
    """Look an error, or the nearest of its classes, up in the table."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), OUTSIDE)


def say(text: str) -> None:
    """Tell the person something that is no result: on stderr."""
    print(readable(text, lines=True), file=sys.stderr, flush=True)


def report_bug(error: Exception) -> None:
    """Ask the person to report an error that should never be."""
    if "--debug" in sys.argv:
        traceback.print_exception(error)
    say(f"lookalike: this is a bug, sorry: {type(error).__name__}: {error}")
    say(
        "Please report it to whoever gave you Lookalike, with what you did and what `lookalike --debug …` prints for "
        "the same command."
    )


def report(error: errors.LookalikeError, *, about: str = "", debug: bool = False) -> None:
    """Say what happened and what to do about it; `about` says to which of several."""
    if debug:
        traceback.print_exception(error)
    say(f"lookalike: {about}: {error.what}" if about else f"lookalike: {error.what}")
    if error.fix:
        say(error.fix)


def _debugging(ctx: Any) -> bool:
    return bool(ctx.obj and ctx.obj.debug)


def _has_lost_reader(error: OSError) -> bool:
    """Tell whether whoever read what is printed has closed the pipe; on Windows the error may mean other things, too.

    Source: https://bugs.python.org/issue35754
    """
    if isinstance(error, BrokenPipeError) or error.errno != errno.EINVAL:
        return isinstance(error, BrokenPipeError)
    try:
        sys.stdout.flush()  # what could not be written is still there
    except OSError:
        return True
    return False


def _forget_stdout() -> None:
    """Keep the interpreter from complaining, at its end, about the pipe that the reader has closed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
