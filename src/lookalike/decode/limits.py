"""What may one picture cost? Limits, and the refusals when one is passed."""

from dataclasses import dataclass

from lookalike.errors import BadInput, TooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one picture may cost before it is refused."""

    max_bytes: int = 200_000_000
    max_pixels: int = 100_000_000
    max_frames: int = 1_000
    """As declared by an animated PNG, WebP, AVIF or HEIC; only the first frame is ever decoded."""
    timeout_s: float = 10.0
    """For decoding, and before that as much for reading a file; only a `DecodePool` enforces it."""
    max_memory_bytes: int = 800_000_000
    """What decoding may add to a worker's memory; likewise, and on Linux only."""

    def __post_init__(self) -> None:
        """Refuse limits that nothing could pass."""
        for name in ("max_bytes", "max_pixels", "max_frames", "timeout_s", "max_memory_bytes"):
            most = 1e6 if name == "timeout_s" else 1e15  # longer ones overflow the system's timers
            if not 0 < getattr(self, name) <= most:
                raise BadInput(f"The limit {name} is {getattr(self, name)}.", f"Give more than 0, at most {most:,.0f}.")

    def check_bytes(self, n: int) -> None:
        """Refuse a file that is too long.

        Raises:
            TooLarge: more than `max_bytes`.
        """
        if n > self.max_bytes:
            what = f"The file has {n / 1e6:,.1f} MB, more than {self.max_bytes / 1e6:g} MB."
            raise TooLarge(what, "Raise max_bytes to read it.")

    def check_frames(self, n: int) -> None:
        """Refuse an animation that is too long.

        Raises:
            TooLarge: more than `max_frames`.
        """
        if n > self.max_frames:
            what = f"The animation has {n:,} frames, more than {self.max_frames:,}."
            raise TooLarge(what, "Raise max_frames to read it.")

    def check_size(self, size: tuple[int, int]) -> None:
        """Refuse a picture that has too many pixels, or none.

        Raises:
            TooLarge: more than `max_pixels`.
            ValueError: none at all.
        """
        width, height = size
        if width < 1 or height < 1:
            raise ValueError(f"its size is {width} × {height}")
        if width * height > self.max_pixels:
            what = f"The picture has {width} × {height} pixels, more than {self.max_pixels / 1e6:g} million."
            raise TooLarge(what, "Shrink it, or raise max_pixels to read it.")
