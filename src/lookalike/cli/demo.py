"""What is there to try the program with?"""

from pathlib import Path
from typing import Annotated

from lookalike.cli.options import argument
from lookalike.cli.terminal import plural, readable


def demo(
    folder: Annotated[Path | None, argument("DIR", "Where they go; else the user-data folder.", Path)] = None,
) -> None:
    """Make pictures to try the program with.

    Photos, and edited copies of them. `lookalike serve --demo` makes, indexes and serves them in one go.
    """
    from lookalike.demo import demo_folder, make_demo_pictures

    made = make_demo_pictures(folder or demo_folder() / "pictures")
    print(readable(f"{plural(len(list(made.iterdir())), 'picture')} in {made}"))
