"""How does `python -m lookalike` start? As the command `lookalike`."""

from lookalike.cli import main

main()
