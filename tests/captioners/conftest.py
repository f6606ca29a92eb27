"""What do tests of captioners need? One in a folder, right or wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from captioner_files import WORDS, as_toml, draw_begin, draw_step, make_card


@pytest.fixture
def write_captioner(tmp_path: Path) -> Callable[..., Path]:
    """Write the files of a captioner and its card, with changes to either; gives their folder."""

    def write(replaced: dict[str, bytes] | None = None, **changes: Any) -> Path:
        contents = {"begin.onnx": draw_begin(), "step.onnx": draw_step(), "words.json": json.dumps(WORDS).encode()}
        contents |= replaced or {}
        for name, data in contents.items():
            (tmp_path / name).write_bytes(data)
        (tmp_path / "captioner.toml").write_text(as_toml(make_card(contents, **changes)))
        return tmp_path

    return write
