"""What does a console do when whoever reads it has gone? It says so, and does not end the program by itself."""

from rich.console import Console


class Screen(Console):
    """A console of Rich whose closed pipe is an error like any other, for `Verbs` to answer."""

    def on_broken_pipe(self) -> None:
        """Go on raising what Rich has caught; it would exit with 1, which says that nothing was found."""
        raise  # noqa: PLE0704 - it is called while that is handled
