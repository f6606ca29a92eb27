"""How do ONNX files become a captioner? OnnxCaptioner runs them; `load_mini` finds those that ship with Lookalike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
from jaxtyping import Int64

from lookalike.captioners import Generation, See
from lookalike.captioners.beam import Choices, search
from lookalike.captioners.card import CaptionerCard, MapInput, read_card
from lookalike.captioners.wording import Wording
from lookalike.decode import Fit
from lookalike.errors import BadInput
from lookalike.models.cards import MAX_CARD_BYTES
from lookalike.models.engines import start_network
from lookalike.models.files import read_file, read_files
from lookalike.models.network import Network
from lookalike.types import Caption, Maps, Pixels

CARD = "captioner.toml"

_BATCH = 8
"""Pictures at a time: larger batches are hardly faster, and wait longer for the longest sentence."""

_FAMILIARITY, _WORDS, _STATE = "familiarity", "words", "state"
_CHOICES = ("next_words", "log_probs", "next_state")

_CHECK = "Check the card against the files."


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence, and what its confidence is made of."""

    text: str
    fluency: float
    """Mean log-probability of a word."""
    familiarity: float
    """Log-odds that the picture is of the kind learnt from."""


class OnnxCaptioner:
    """Writes a sentence about what an encoder saw, on the CPU, in the caller's thread.

    The card's first network takes `maps` (n, cells, channels) and gives `familiarity` (n,) and a scene: whatever
    the second takes beside `words` (n, beams) and `state` (n, beams, size). That gives `next_words` and `log_probs`
    (n, beams, k), best first, and `next_state`.

    Raises:
        BadInput: a file is broken, or is not what the card says.
        NotFound: the card or one of its files is not there.
    """

    def __init__(
        self,
        name: str,
        folder: Traversable,
        see: See | None = None,
        fit: Fit | None = None,
        generation: Generation | None = None,
    ) -> None:
        """Look through `see` where no maps are given, at pictures cut to `fit`."""
        self.name, self.fit = name, fit
        self.card: CaptionerCard = read_card(read_file(folder, CARD, MAX_CARD_BYTES), CARD)
        self.eyes = self.card.map.encoder
        contents = read_files(folder, self.card.files)
        self._see = see
        wanted = generation or Generation()
        self.batch = wanted.batch
        self._writing = replace(
            self.card.writing,
            beams=wanted.beams or self.card.writing.beams,
            longest=min(wanted.max_tokens or self.card.writing.longest, self.card.writing.longest),
        )
        self._begin = start_network(contents, self.card.begin, "cpu")
        self._step = start_network(contents, self.card.step, "cpu")
        self._wording = Wording(_read_words(contents[self.card.words], self.card.words))
        self._scene = tuple(name for name in self._step.inputs if name not in (_WORDS, _STATE))
        _check_networks(self._begin, self._step, self._scene)
        self._size = (self._step.inputs[_STATE].shape or (None,))[-1] or 0

    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        """Caption n ≥ 0 pictures of any size, in their order; they are looked at only where no maps are given.

        Raises:
            BadInput: these are no maps of that many pictures from the encoder on the card, or there are neither
                maps nor an encoder to ask.
        """
        if maps is None:
            if not len(images):
                return []
            if self._see is None:
                what = f"The captioner {self.name} has no encoder to look at pictures with."
                raise BadInput(what, "Give it maps, or load it with `see`.")
            maps = self._see(images)
        if len(maps) != len(images):
            raise BadInput(f"There are {len(maps)} maps for {len(images)} pictures.", "Give one map a picture.")
        return [self._weigh(written) for written in self.write(maps)]

    def write(self, maps: Maps) -> list[Written]:
        """Give the likeliest sentence for each map, however unsure.

        Raises:
            BadInput: these are no maps of the encoder on the card.
        """
        _check_maps(maps, self.card.map)
        size = self.batch or _BATCH
        batches = [maps[start : start + size] for start in range(0, len(maps), size)]
        return [written for batch in batches for written in self._write(batch)]

    def _write(self, maps: Maps) -> list[Written]:
        familiarity, *found = self._begin.run([_FAMILIARITY, *self._scene], {"maps": np.ascontiguousarray(maps)})
        if familiarity.shape != (len(maps),) or not np.isfinite(familiarity).all():
            raise BadInput("The captioner's first network does not give one familiarity a picture.", _CHECK)
        scene = dict(zip(self._scene, found, strict=True))
        state = np.zeros((len(maps), self._writing.beams, self._size), np.float32)
        speaker = _Speaker(self._step, scene, state, self._wording.known)
        sentences = search(speaker, len(maps), self._writing, self._wording)
        return [
            Written(self._wording.spell(sentence.words), sentence.fluency, float(known))
            for sentence, known in zip(sentences, familiarity, strict=True)
        ]

    def _weigh(self, written: Written) -> Caption:
        """Say how sure it is, and nothing where it would only guess."""
        confidence = self.card.confidence.of(written.fluency, written.familiarity)
        text = written.text if confidence >= self.card.confidence.cutoff else ""
        return Caption(text=text, confidence=confidence)


@dataclass
class _Speaker:
    """Sentences of several pictures, and the network that goes on with them."""

    network: Network
    scene: dict[str, np.ndarray]
    state: np.ndarray
    known: int
    """Words on the list."""

    def step(self, words: Int64[np.ndarray, "n beams"]) -> Choices:
        feeds = {_WORDS: words.astype(np.int64, copy=False), _STATE: self.state, **self.scene}
        next_words, log_probs, self.state = self.network.run(_CHOICES, feeds)
        if next_words.shape != log_probs.shape or next_words.shape[:2] != words.shape or next_words.ndim != 3:
            raise BadInput("The network of the captioner answers in other shapes than it was asked in.", _CHECK)
        if next_words.size and not 0 <= next_words.min() <= next_words.max() < self.known:
            raise BadInput(f"The network writes words that are not among the {self.known - 1} on its list.", _CHECK)
        if np.isnan(log_probs).any():
            raise BadInput("The network of the captioner gives probabilities that are no numbers.", _CHECK)
        return Choices(next_words.astype(np.int64), log_probs)

    def follow(self, pictures: Int64[np.ndarray, " kept"], beams: Int64[np.ndarray, "kept beams"]) -> None:
        if len(pictures) < len(self.state):
            self.scene = {name: value[pictures] for name, value in self.scene.items()}
        self.state = self.state[pictures[:, None], beams]


def load_mini(
    rest: str = "", see: See | None = None, fit: Fit | None = None, generation: Generation | None = None
) -> OnnxCaptioner:
    """Load the captioner that ships with Lookalike; it takes the maps of the encoder `mini`.

    Raises:
        BadInput: something stands behind the name.
    """
    if rest:
        raise BadInput(f"There is no captioner 'mini:{rest}'.", "Write `mini`.")
    return OnnxCaptioner("mini", files("lookalike.captioners") / "mini", see, fit, generation)


def _read_words(data: bytes, name: str) -> list[str]:
    try:
        words = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The words in {name} cannot be read: {error}.", "Write them as a JSON list.") from None
    if not (isinstance(words, list) and len(words) > 1 and all(isinstance(word, str) for word in words)):
        raise BadInput(f"The file {name} is no list of words.", "Write them as a JSON list of strings.")
    if words[0] or not all(words[1:]) or len(set(words)) < len(words):
        raise BadInput(f"The words in {name} are not each once, after an empty one that ends a sentence.", _CHECK)
    return words


def _check_networks(begin: Network, step: Network, scene: Sequence[str]) -> None:
    missing = [
        *(f"the first network does not take {name!r}" for name in {"maps"} - set(begin.inputs)),
        *(f"the first network does not give {name!r}" for name in {_FAMILIARITY, *scene} - set(begin.outputs)),
        *(f"the second network does not take {name!r}" for name in {_WORDS, _STATE} - set(step.inputs)),
        *(f"the second network does not give {name!r}" for name in set(_CHOICES) - set(step.outputs)),
    ]
    if missing:
        raise BadInput(f"These are no networks of a captioner: {'; '.join(sorted(missing))}.", _CHECK)


def _check_maps(maps: Maps, wanted: MapInput) -> None:
    if maps.shape[1:] != (wanted.cells, wanted.channels):
        what = f"The maps have {maps.shape[1]} cells of {maps.shape[2]} channels, where {wanted.cells} of"
        raise BadInput(f"{what} {wanted.channels} are wanted.", f"Give those of the encoder {wanted.encoder}.")
    if not np.isfinite(maps).all():
        raise BadInput("The maps are not finite.", f"Give those of the encoder {wanted.encoder}.")
