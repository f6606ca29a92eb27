"""How does a registered captioner write? Its files come from the registry, and what loads them is what made them."""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lookalike.captioners import Captioner, Generation, See
from lookalike.captioners.card import read_card
from lookalike.captioners.onnx import CARD, OnnxCaptioner
from lookalike.captioners.repositories import fetch_captioner
from lookalike.decode import Fit
from lookalike.disk import expand_home
from lookalike.errors import BadInput
from lookalike.models.cards import MAX_CARD_BYTES
from lookalike.models.files import read_file, read_files
from lookalike.models.registry import Manifest, fetch_registered
from lookalike.models.registry.manifest import make_manifest, sums_of


def load_registered(
    rest: str, see: See | None = None, fit: Fit | None = None, generation: Generation | None = None
) -> Captioner:
    """Load `models:/name@alias` or `models:/name/version` from the registry that the environment names.

    Its name, which records keep, says the version, too: `mlflow:models:/name/3@alias`.

    Raises:
        BadInput, NotFound, LoginNeeded, NotAllowed, TooLarge, Unreachable, MachineError, MissingExtra: as
            `fetch_registered` says, and as those that load such captioners from elsewhere.
    """
    found = fetch_registered(rest, "captioner")
    name = f"mlflow:{found.address}"
    if found.manifest.family == "hf":
        from lookalike.captioners.transformers import TransformersCaptioner

        return TransformersCaptioner(name, found.path, generation)
    if found.manifest.family == "mini":
        return OnnxCaptioner(name, found.path, see, fit, generation)
    raise BadInput(f"{found.address} is of a family {found.manifest.family!r} that is not known here.", "Upgrade.")


def registrable(name: str) -> tuple[Manifest, Mapping[str, bytes | Path]]:
    """Give a captioner as the registry keeps it, with its files.

    It is `mini`, the folder of one that was trained like it (with its `captioner.toml`), or one of the hub.

    Raises:
        BadInput: it is none of them, or has a file that may not be registered.
        NotFound, LoginNeeded, NotAllowed, TooOften, Unreachable, MissingExtra: as what fetches it says.
    """
    family, _, rest = name.partition(":")
    if family == "hf":
        repo, _, revision = rest.partition("@")
        snapshot = fetch_captioner(repo, revision)
        described = make_manifest("captioner", "hf", f"hf:{repo}@{snapshot.commit}", snapshot.files)
        return described, {name: snapshot.path / name for name in snapshot.files}
    folder: Traversable = files("lookalike.captioners") / "mini" if name == "mini" else expand_home(name)
    card = read_file(folder, CARD, MAX_CARD_BYTES)
    contents = {CARD: card, **read_files(folder, read_card(card, CARD).files)}
    return make_manifest("captioner", "mini", name, sums_of(contents), entry=CARD), contents
