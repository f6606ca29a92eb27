"""Which captioner is at work? The one that was given; else that of the settings, loaded when somebody asks for it."""

from collections.abc import Callable
from threading import RLock

from lookalike.captioners import BLIND_FAMILIES, NONE, Blind, Captioner, Generation, load_captioner
from lookalike.config import Settings
from lookalike.encoders import Encoder, Recogniser, load_encoder
from lookalike.errors import BadInput
from lookalike.threads import going_out

_EYES = "mini"
"""The encoder that captioners without eyes of their own look through."""


class CaptionerInUse:
    """Gives the captioner, loaded once. May be shared by threads."""

    def __init__(self, given: Captioner | None, settings: Settings, encoder: Callable[[], Encoder]) -> None:
        """Stick to what is given, if anything is; what is loaded looks through `encoder` where it needs that one."""
        self._settings = settings
        self._encoder = encoder
        self._loading = RLock()
        self.at_hand = given
        """It, if it is loaded by now."""

    def __call__(self) -> Captioner | None:
        """Give it; None where the settings want none.

        Raises:
            BadInput, NotFound, Unreachable, MissingExtra: as `load_captioner` says.
            Overloaded: of requests that take turns, too many wait for it, or for other machines, already.
        """
        if self.at_hand is None and self._settings.captioner == NONE:
            return None
        if self.at_hand is not None:
            return self.at_hand
        with going_out(), self._loading:  # a lock of its own: others go on while it is fetched
            if self.at_hand is None:
                self.at_hand = self._load()
            return self.at_hand

    @property
    def name(self) -> str:
        """Its name, for which it is not loaded; empty where the settings want none."""
        if self.at_hand is not None:
            return self.at_hand.name
        return "" if self._settings.captioner == NONE else self._settings.captioner

    def _load(self) -> Captioner:
        settings = self._settings
        how = Generation(
            beams=settings.caption_beams,
            max_tokens=settings.caption_tokens,
            batch=settings.caption_batch,
            engine=settings.engine,
        )
        if settings.captioner.partition(":")[0] not in BLIND_FAMILIES:
            return load_captioner(settings.captioner, generation=how)
        encoder = self._encoder()
        eyes = encoder if encoder.name == _EYES else load_encoder(_EYES, settings.engine)
        see = (lambda images: eyes.see(images).maps) if isinstance(eyes, Recogniser) else None
        captioner = load_captioner(settings.captioner, see, eyes.fit, how)
        if isinstance(captioner, Blind):
            _check_eyes(captioner, eyes)
        return captioner


def _check_eyes(captioner: Blind, eyes: Encoder) -> None:
    """Refuse a captioner that would read another encoder's maps: it would write nonsense, and be sure of it.

    Raises:
        BadInput: it would.
    """
    there = next(iter(eyes.spaces)).partition("/")[0]
    if captioner.eyes != there:
        what = f"The captioner learnt to look through the encoder {captioner.eyes}, and here is {there}."
        raise BadInput(what, "Choose one that learnt with that: --captioner mini.")
