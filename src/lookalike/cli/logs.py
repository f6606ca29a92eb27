"""How does a server's log come out? On stderr, a line an event, for a person or for a machine."""

import logging
import sys
from typing import TYPE_CHECKING, Any

from lookalike.cli.terminal import readable

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from lookalike.config import Settings


def log_to_stderr(settings: "Settings") -> None:
    """Have everything that is logged from now on written as the settings say."""
    import structlog

    as_json = settings.log_format == "json"
    usual = "info" if as_json else "warning"
    level = usual if settings.log_level == "auto" else settings.log_level
    plain = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        structlog.processors.format_exc_info,
        _make_readable,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer() if as_json else plain,
            ],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # what it tells of its start is told already
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # a broken form is told to whoever sent it


def _add_request_id(_: Any, __: str, event: "MutableMapping[str, Any]") -> "MutableMapping[str, Any]":
    from lookalike.service.passage.observing import REQUEST_ID

    number = REQUEST_ID.get()
    return {**event, "request_id": number} if number else event


def _make_readable(_: Any, __: str, event: "MutableMapping[str, Any]") -> "MutableMapping[str, Any]":
    """Keep whatever a stranger sent from moving the cursor or faking a line."""
    return {
        name: readable(value, lines=name == "exception") if isinstance(value, str) else value
        for name, value in event.items()
    }
