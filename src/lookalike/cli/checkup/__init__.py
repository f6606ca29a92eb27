"""Does everything work on this machine? Each check yields findings, each with what to do about it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lookalike.cli.checkup.encoding import check_encoder
from lookalike.cli.checkup.finding import Finding
from lookalike.cli.checkup.machine import check_disk, check_machine
from lookalike.cli.checkup.parts import check_formats, check_store
from lookalike.cli.checkup.words import check_captioner, check_versions
from lookalike.errors import LookalikeError

if TYPE_CHECKING:
    from lookalike.library import Lookalike

__all__ = ["Finding", "run_checks"]


def run_checks(library: "Lookalike") -> Iterator[Finding]:
    """Look at everything; what breaks a check is itself a finding."""
    checks: dict[str, Callable[[Lookalike], Iterator[Finding]]] = {
        "machine": check_machine,
        "disk": check_disk,
        "formats": check_formats,
        "store": check_store,
        "encoder": check_encoder,
        "captioner": check_captioner,
        "registry": check_versions,
    }
    for subject, check in checks.items():
        try:
            yield from check(library)
        except LookalikeError as error:
            yield Finding(state="error", subject=subject, what=error.what, fix=error.fix)
        except Exception as error:  # noqa: BLE001 - to say what is broken, whatever it is, is this module's work
            yield Finding(state="error", subject=subject, what=f"{type(error).__name__}: {error}")
