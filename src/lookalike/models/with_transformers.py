"""How is the library Transformers asked to load something? In silence, within limits, and its errors told as ours."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lookalike.errors import BadInput, LookalikeError
from lookalike.models.description import MAX_DESCRIPTION_BYTES, parse_description
from lookalike.models.files import read_file
from lookalike.models.with_torch import refuse_oversized, unfit

_INDEX = "model.safetensors.index.json"


def load_pretrained(kind: Any, folder: Path, repo: str) -> tuple[Any, list[str]]:
    """Load a model by one of the library's classes; give it with the names of weights that it lacks.

    Its description has no say in which programs compute it, nor in more memory than its weights need.

    Raises:
        BadInput: it is broken, unknown to the library, or wants what its weights do not warrant.
        NotFound: its config.json is not there.
    """
    import torch
    from transformers import AutoConfig

    weights = sorted(folder.glob("*.safetensors"))
    parse_description(read_file(folder, "config.json", MAX_DESCRIPTION_BYTES), f"config.json of {repo}")
    _refuse_listed_strangers(folder, {path.name for path in weights}, repo)
    safely: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    with telling_faults(repo):
        config = AutoConfig.from_pretrained(folder, **safely)
        if getattr(config, "quantization_config", None):
            raise unfit(repo, "they are quantised in a way that is not done here")
        _refuse_named_strangers(config, repo)
        config._attn_implementation = None  # it may name a program of the hub
        refuse_oversized(lambda: _make(kind, config), weights, repo)
        model, found = kind.from_pretrained(
            folder, config=config, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **safely
        )
    if found["mismatched_keys"]:
        raise unfit(repo, f"{sorted(map(str, found['mismatched_keys']))[0][:100]} has another shape")
    return model, sorted(found["missing_keys"])


def _refuse_listed_strangers(folder: Path, own: Collection[str], repo: str) -> None:
    """Refuse a list of weights that names files of other places, or of other kinds.

    Raises:
        BadInput: so.
    """
    if not (folder / _INDEX).is_file():
        return
    tree = parse_description(read_file(folder, _INDEX, MAX_DESCRIPTION_BYTES), f"{_INDEX} of {repo}")
    listed = tree.get("weight_map")
    named = listed.values() if isinstance(listed, dict) else [listed]
    if stranger := next((str(name) for name in named if name not in own), ""):
        raise unfit(repo, f"they are said to lie in {stranger[:100]!r}")


def _refuse_named_strangers(config: Any, repo: str) -> None:
    """Refuse a description, or a part of one, that names a file of weights itself.

    The library would take that, or a list of any name, in place of the weights that were looked at; and a file whose
    name does not end as safetensors do, for a pickle. Source: transformers, modeling_utils.py, `transformers_weights`.

    Raises:
        BadInput: so.
    """
    if named := getattr(config, "transformers_weights", None):
        raise unfit(repo, f"they are said to lie in {str(named)[:100]!r}")
    for part in getattr(config, "sub_configs", {}):
        _refuse_named_strangers(getattr(config, part, None), repo)


def _make(kind: Any, config: Any) -> Any:
    return kind.from_config(config) if hasattr(kind, "from_config") else kind(config)


@contextmanager
def telling_faults(repo: str) -> Iterator[None]:
    """Have Transformers load something without a word on the terminal.

    Raises:
        BadInput: it cannot.
    """
    import transformers

    library = logging.getLogger("transformers")
    level, bars = library.level, transformers.utils.logging.is_progress_bar_enabled()
    library.setLevel(logging.CRITICAL)
    transformers.utils.logging.disable_progress_bar()
    try:
        yield
    except LookalikeError:
        raise
    except Exception as error:  # noqa: BLE001 - its errors share no base
        said = " ".join(str(error).split())
        if "ignore_mismatched_sizes" in said:  # it points to a report that is not shown
            raise unfit(repo, "some have another shape") from None
        reason = f"{type(error).__name__}: {said[:300].rstrip('.')}"
        raise BadInput(f"{repo} cannot be loaded: {reason}.", "Choose another checkpoint or revision.") from None
    finally:
        library.setLevel(level)
        if bars:
            transformers.utils.logging.enable_progress_bar()
