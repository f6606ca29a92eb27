"""Which encoder is at work? The one that was named; else the one that answers the gallery's queries at the moment."""

import logging
import time
from collections.abc import Callable, Collection
from threading import RLock, Thread

from lookalike.encoders import Encoder
from lookalike.errors import NotFound
from lookalike.gallery import Gallery

DEFAULT = "mini"
"""What a new gallery is filled with where nothing else is said."""
_AGAIN_S = 30.0
"""How long an encoder that could not be loaded is let be."""

_log = logging.getLogger(__name__)


class EncoderInUse:
    """Gives the encoder, and another one once the gallery has been switched to it. May be shared by threads.

    While that one loads, the one before goes on answering from its own space, as long as the gallery holds it.
    """

    def __init__(
        self,
        named: str | Encoder,
        gallery: Callable[[], Gallery],
        load: Callable[[str | Encoder], Encoder],
        lock: RLock,
    ) -> None:
        """Stick to what is named, if anything is; `gallery` raises NotFound where there is none yet.

        `lock` is held while the first encoder loads, and while one takes the place of another; it is that of whoever
        opens the gallery.
        """
        self._named = named
        self._gallery = gallery
        self._load = load
        self._current: Encoder | None = None
        self._wanted_then: tuple[str, ...] = ()
        """The spaces for which the current one was loaded, though it may turn out to be of another version."""
        self._ready: Encoder | None = None
        self._was_held = False
        """Whether the gallery has said that the one kept ready has spaces there."""
        self._loading: Thread | None = None
        self._not_before = 0.0
        self._lock = lock

    def __call__(self) -> Encoder:
        """Give the encoder for the next piece of work.

        Raises:
            BadInput, NotFound, MissingExtra: it cannot be loaded, and there is none to go on with.
        """
        wanted, current = self._wanted(), self._current
        if current is not None and (wanted in {(), self._wanted_then} or set(wanted) & current.spaces.keys()):
            return current
        ready = self._ready
        if ready is not None and set(wanted) & ready.spaces.keys():
            with self._lock:
                if self._current is current and self._ready is ready:  # else another thread has changed them
                    self._current, self._ready = ready, current  # to go back to
                    self._wanted_then = wanted
            return self()
        if current is not None and self._still_answers(current):
            self._load_aside(wanted)
            return current
        with self._lock:
            if self._current is current:
                self._current, self._wanted_then = self._load_first(wanted), wanted
            return self._current or self()

    def keep_ready(self, encoder: Encoder) -> Encoder:
        """Keep an encoder that is loaded already until the gallery is switched to it; gives the one to work with.

        That is another one where the very same was at hand.
        """
        with self._lock:
            for held in self._at_hand():
                if held.spaces == encoder.spaces:
                    return held
            self._ready, self._was_held = encoder, False
            return encoder

    def of(self, spaces: Collection[str]) -> Encoder | None:
        """Give the encoder of one of these spaces, if it is at hand."""
        return next((held for held in self._at_hand() if set(spaces) & held.spaces.keys()), None)

    def _at_hand(self) -> list[Encoder]:
        return [held for held in (self._current, self._ready) if held is not None]

    def _wanted(self) -> tuple[str, ...]:
        """Name the spaces that answer; none where there is no gallery, or nothing in it."""
        if self._named:
            return ()
        try:
            serving = self._gallery().serving
        except NotFound:
            return ()
        self._let_go({*serving.now, *serving.before, *serving.filling})
        return serving.now

    def _let_go(self, held: Collection[str]) -> None:
        """Keep no encoder ready whose spaces were among those `held`, and were dropped."""
        ready = self._ready
        if ready is None:
            return
        is_held = not ready.spaces.keys().isdisjoint(held)
        if is_held != self._was_held:
            with self._lock:
                if self._ready is ready:
                    self._ready, self._was_held = ready if is_held else None, is_held

    def _name(self, wanted: tuple[str, ...]) -> str | Encoder:
        if self._named:
            return self._named
        return self._gallery().spaces[wanted[0]].encoder if wanted else DEFAULT

    def _load_first(self, wanted: tuple[str, ...]) -> Encoder:
        try:
            return self._load(self._name(wanted))
        except NotFound as error:
            if self._named or not wanted or not self._gallery().serving.before:
                raise
            fix = f"{error.fix} Or go back to the encoder before: lookalike reencode --rollback"
            raise NotFound(error.what, fix.strip()) from None

    def _still_answers(self, encoder: Encoder) -> bool:
        """Say whether an encoder's first space is there, so that it can go on for the moment."""
        return next(iter(encoder.spaces)) in self._gallery().spaces

    def _load_aside(self, wanted: tuple[str, ...]) -> None:
        """Load what shall answer from now on while others go on asking."""
        with self._lock:
            if (self._loading and self._loading.is_alive()) or time.monotonic() < self._not_before:
                return
            self._loading = Thread(target=self._exchange, args=(wanted,), daemon=True, name="load-encoder")
            self._loading.start()

    def _exchange(self, wanted: tuple[str, ...]) -> None:
        try:
            loaded = self._load(self._name(wanted))
            with self._lock:
                ready = self._ready
                if ready is not None and ready.spaces == loaded.spaces:  # prepared meanwhile
                    loaded, self._ready = ready, None
                self._current, self._wanted_then = loaded, wanted
        except Exception as error:  # noqa: BLE001 - whatever it is, the one before goes on, and it is not tried at once
            self._not_before = time.monotonic() + _AGAIN_S
            _log.warning("The encoder of the space %s cannot be loaded: %s", wanted[0], error)
