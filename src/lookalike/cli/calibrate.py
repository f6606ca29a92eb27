"""How does a gallery learn from the terminal how sure it may be?"""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.cli.counting import counted
from lookalike.cli.failing import NOTHING, say
from lookalike.cli.options import EncoderOption, GalleryOption, JsonOption, WhereOption, flag, open_library, option
from lookalike.cli.terminal import plural, print_json, print_table
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.evaluation.calibrating import Calibrated
    from lookalike.evaluation.subject import Subject

_LEARNED_FROM = 20_000
"""Pictures that are drawn of a larger gallery: pairs of more of them tell the same, and may not fit into memory."""


def calibrate(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    by: Annotated[
        str, option("--by", "FIELD", "What makes pictures alike: folder, owner, title or meta.NAME; else their label.")
    ] = "label",
    pictures: Annotated[int | None, option("--pictures", "N", "How many are edited to learn from; else 200.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="What chance begins with.")] = 0,
    where: WhereOption = "",
    dry_run: Annotated[bool, flag("--dry-run", "Say what would be learned, and keep nothing.")] = False,
    reset: Annotated[
        bool, flag("--reset", "Forget what was learned; the encoder's own calibration counts again.")
    ] = False,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from the gallery's own pictures how sure a score is, so that confidences can be taken at their word.

    It learns from edited copies made on the spot, from strangers, and from labels and captions where there are any;
    half of the pictures teach, the others judge. What does not help is not kept. Exit with 1 if nothing was changed.
    """
    from lookalike.evaluation.learning import forget, keep, learn_all
    from lookalike.evaluation.pairing import PICTURES, make_copies
    from lookalike.evaluation.subject import Subject, holding_still
    from lookalike.evaluation.truth.labels import check_by

    check_by(by)
    if reset and (dry_run or where):
        raise BadInput("--reset forgets all; it does not go with --dry-run or --where.", "Leave one of them out.")
    if pictures is not None and pictures < 1:
        raise BadInput(f"{pictures} pictures cannot be edited.", "Give 1 or more.")
    if seed < 0:
        raise BadInput(f"Chance cannot begin with {seed}.", "Give 0 or more.")
    with open_library(context, gallery=gallery, encoder=encoder) as library, holding_still(library) as still:
        subject = Subject(still, where, most=max(_LEARNED_FROM, pictures or 0), seed=seed)
        if reset:
            changed = forget(subject)
            say(f"{plural(len(changed), 'space')} forgot what was learned.")
        else:
            count = min(pictures or PICTURES, len(subject.records))
            with closing(counted(make_copies(subject, count, seed), count, "Editing pictures")) as made:
                copies = list(made)
            learned = learn_all(subject, copies, by, seed)
            changed = [] if dry_run else keep(subject, learned)
            _print(learned, subject, as_json=as_json)
            _say_kept(learned, changed, dry_run=dry_run)
    if not changed and not dry_run:
        raise typer.Exit(NOTHING)


def _say_kept(learned: "Sequence[Calibrated]", kept: "Sequence[str]", *, dry_run: bool) -> None:
    if dry_run and any(one.helps for one in learned):
        say("Nothing was kept; without --dry-run it is.")
    elif kept:
        say(f"Kept with the gallery for {plural(len(kept), 'space')}; --reset forgets it.")
    else:
        say("Nothing better than what is there was learned; it stays.")


def _print(learned: "Sequence[Calibrated]", subject: "Subject", *, as_json: bool) -> None:
    if as_json:
        for one in learned:
            print_json({"gallery": subject.name, **_json(one)})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for name in ("space", "of", "pairs"):
        table.add_column(name, overflow="fold")
    for name in ("error before", "after", "sure from", "now from", ""):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for one in learned:
        table.add_row(*_row(one))
    print_table(table)


def _row(one: "Calibrated") -> list[str]:
    from lookalike.evaluation.calibrating import cutoff

    pairs = ", ".join(f"{count:,} {kind}" for kind, count in one.pairs.items())
    errors = [f"{100 * error:.1f} %" for error in (one.error_before, one.error_after)]
    cutoffs = [f"{cutoff(calibration, one.of):.3f}" for calibration in (one.before, one.after)]
    return [one.space, one.of, pairs, *errors, *cutoffs, "better" if one.helps else "no better"]


def _json(one: "Calibrated") -> dict[str, Any]:
    from lookalike.evaluation.calibrating import cutoff

    return {
        "space": one.space,
        "of": one.of,
        "pairs": one.pairs,
        "calibration_before": list(one.before),
        "calibration_after": list(one.after),
        "calibration_error_before": round(one.error_before, 6),
        "calibration_error_after": round(one.error_after, 6),
        "cutoff_before": round(cutoff(one.before, one.of), 6),
        "cutoff_after": round(cutoff(one.after, one.of), 6),
        "helps": one.helps,
    }
