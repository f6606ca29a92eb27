"""What time is it for what is tested? The one that its test says."""


class Clock:
    """Stands until it is put on."""

    now = 1000.0
    """Seconds since any beginning."""

    def __call__(self) -> float:
        """Tell the time."""
        return self.now
