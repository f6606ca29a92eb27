"""How does one measure search on one's own pictures from the terminal?"""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lookalike.cli.counting import counted
from lookalike.cli.failing import INTERRUPTED, say
from lookalike.cli.options import (
    EncoderOption,
    GalleryOption,
    JsonOption,
    WhereOption,
    argument,
    check_there,
    flag,
    open_library,
    option,
)
from lookalike.cli.subjects import is_encoder, under_test
from lookalike.cli.terminal import print_json
from lookalike.errors import BadInput, LookalikeError

if TYPE_CHECKING:
    from lookalike.evaluation.judged import Judged
    from lookalike.evaluation.plans import Wanted
    from lookalike.evaluation.report.sections import Report
    from lookalike.evaluation.runs import Plan
    from lookalike.evaluation.subject import Subject


def evaluate(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    path: Annotated[
        Path | None,
        argument(
            "PATH",
            "A folder or a table of pictures to evaluate on, in a gallery of their own that is gone afterwards; "
            "else the gallery.",
            Path,
        ),
    ] = None,
    by: Annotated[
        str,
        option("--by", "FIELD", "Pictures of one label, folder, owner, title or meta.NAME should find one another."),
    ] = "",
    names: Annotated[
        bool, flag("--names", "With --by, search by the names of the classes, too, and name pictures (zero-shot).")
    ] = False,
    captions: Annotated[bool, flag("--captions", "Captions should find their pictures, and pictures theirs.")] = False,
    copies: Annotated[bool, flag("--copies", "Edited copies of some of the pictures should find them.")] = False,
    pairs: Annotated[
        Path | None,
        option("--pairs", "FILE", "Queries and what they should find: CSV of query,relevant; DISC; ROxford.", Path),
    ] = None,
    difficulty: Annotated[
        Literal["easy", "medium", "hard"] | None, option("--difficulty", "D", "Of ROxford: easy, hard, or else medium.")
    ] = None,
    images: Annotated[
        Path | None,
        option("--images", "FOLDER", "Where the pictures of PATH or --pairs lie; else beside the file.", Path),
    ] = None,
    truth: Annotated[
        Path | None,
        option("--truth", "TABLE", "Labels or captions of the gallery's pictures: CSV, COCO, Flickr8k tokens…", Path),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        option("--compare", "A B", "Two encoders, or two galleries, on the same queries."),
    ] = None,
    queries: Annotated[
        int | None, option("--queries", "N", "How many to ask, by chance; 0 for all. Else 1,000, or 400 copies.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="What chance begins with.")] = 0,
    where: WhereOption = "",
    report: Annotated[Path | None, option("--report", "FILE", "Write a page with pictures, .html.", Path)] = None,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how good search is on your own pictures.

    With nothing said, by what the gallery holds: labels, captions, and edited copies that are made on the spot. The
    gallery is only read. Ctrl-C ends the measuring, and shows what was found so far.
    """
    from lookalike.evaluation.plans import Wanted

    if report is not None:
        _check_report(report)
    if queries is not None and queries < 0:
        raise BadInput(f"{queries} queries cannot be asked.", "Give 0 for all, or more.")
    if seed < 0:
        raise BadInput(f"Chance cannot begin with {seed}.", "Give 0 or more.")
    check_there(filter(None, [path, pairs, truth]))
    if path is not None and compare and not any(map(is_encoder, compare)):
        what = f"{str(path)!r} is evaluated in a gallery of its own, and A and B are galleries already."
        raise BadInput(what, "Leave out the path, or compare encoders.")
    if images is not None and pairs is None and (path is None or path.is_dir()):
        raise BadInput(f"No table and no --pairs names pictures below {str(images)!r}.", "Leave out --images.")
    if difficulty is not None and pairs is None:
        raise BadInput("--difficulty chooses among the pairs of a file.", "Leave out --difficulty, or give --pairs.")
    wanted = Wanted(
        by=by,
        names=names,
        captions=captions,
        copies=copies,
        pairs=pairs,
        images=images,
        difficulty=difficulty or "medium",
        truth=truth,
        queries=queries,
        seed=seed,
    )
    with open_library(context, gallery=gallery, encoder=encoder) as library, ExitStack() as opened:
        subjects = [opened.enter_context(under_test(library, path, images, where, side)) for side in (compare or ("",))]
        asking = _Asking()
        made = _compared(subjects, wanted, asking) if compare else _told(subjects[0], wanted, asking)
        if asking.stopped_by and not (made.sections or made.versus):
            raise asking.stopped_by  # nothing was found so far
        _show(made, subjects, wanted, report, as_json=as_json)
    if isinstance(asking.stopped_by, LookalikeError):
        raise asking.stopped_by
    if asking.stopped_by:
        say("Stopped; what is said above is of the queries asked so far.")
        raise typer.Exit(INTERRUPTED)


class _Asking:
    """Asks the queries of plans until somebody stops it, or something breaks; what was found before is kept."""

    def __init__(self) -> None:
        self.stopped_by: KeyboardInterrupt | LookalikeError | None = None

    def judge(self, plan: "Plan") -> "list[Judged]":
        """Ask a plan's queries; of one that breaks, none count, as nobody can say which of them had begun to fail."""
        judged: list[Judged] = []
        if self.stopped_by:
            return judged
        try:
            with closing(counted(plan.queries, plan.total, plan.title)) as following:
                judged.extend(following)
        except KeyboardInterrupt as stop:
            self.stopped_by = stop
        except LookalikeError as error:
            self.stopped_by = error
            return []
        return judged


def _told(subject: "Subject", wanted: "Wanted", asking: _Asking) -> "Report":
    from lookalike.evaluation.plans import plans_of
    from lookalike.evaluation.report.sections import Report, section_of

    judged = [(plan, asking.judge(plan)) for plan in plans_of(subject, wanted)]
    sections = tuple(section_of(plan, found, wanted.seed) for plan, found in judged if found)
    if not sections and not asking.stopped_by:
        what = f"No picture has another one of its {wanted.by or 'label'}, apart from second copies."
        raise BadInput(what, "Ask by something that different pictures share, or with --copies.")
    return Report(about=_about([subject], wanted), sections=sections)


def _compared(subjects: "Sequence[Subject]", wanted: "Wanted", asking: _Asking) -> "Report":
    from lookalike.evaluation.plans import plans_of
    from lookalike.evaluation.report.sections import Report, versus_of

    both = set(subjects[0].records) & set(subjects[1].records)
    for subject in subjects:
        subject.asked_of = both
    plans, others = (plans_of(subject, wanted) for subject in subjects)
    other = {plan.title: plan for plan in others}
    both_can = [(plan, other[plan.title]) for plan in plans if plan.title in other]
    judged = [(a, asking.judge(a), asking.judge(b)) for a, b in both_can]
    compared = [versus_of(plan, a, b, wanted.seed) for plan, a, b in judged]
    versus = tuple(one for one in compared if one.a.judged)
    if not versus and not asking.stopped_by:
        if not both:
            raise BadInput("A and B hold no picture in common.", "Index the same files into both.")
        what = f"Of what both hold, nothing can be asked by {wanted.by or 'caption'}."
        raise BadInput(what, "Ask by something that different pictures of both share, or with --copies.")
    return Report(about=_about(subjects, wanted), versus=versus)


def _about(subjects: "Sequence[Subject]", wanted: "Wanted") -> dict[str, str]:
    from datetime import UTC, datetime

    from lookalike import __version__

    sides = [""] if len(subjects) == 1 else [" A", " B"]
    about: dict[str, str] = {}
    for side, subject in zip(sides, subjects, strict=True):
        about |= {
            f"pictures{side}": f"{len(subject.records):,}",
            f"gallery{side}": subject.name,
            f"encoder{side}": subject.library.encoder.name,
        }
    return about | {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "seed": str(wanted.seed),
        "version": __version__,
    }


def _show(
    made: "Report", subjects: "Sequence[Subject]", wanted: "Wanted", report: Path | None, *, as_json: bool
) -> None:
    from lookalike.evaluation.report.sections import section_json, versus_json

    if report is not None:  # first, as whoever reads the figures may read the beginning only
        _write_report(report, made, subjects, wanted)
        say(f"The page is {report}.")
    if as_json:
        for section in made.sections:
            print_json({"about": dict(made.about), **section_json(section)})
        for versus in made.versus:
            print_json({"about": dict(made.about), **versus_json(versus)})
    else:
        from lookalike.cli.evaluated import print_report

        print_report(made)


def _check_report(path: Path) -> None:
    if path.suffix.lower() not in {".html", ".htm"}:
        raise BadInput(f"A report cannot be written to {str(path)!r}.", "End its name in .html.")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {str(path.parent)!r} for the report.", "Make it first.")
    if path.is_dir():
        raise BadInput(f"{str(path)!r} is a folder, not a page.", "Give the report another name.")


def _write_report(path: Path, made: "Report", subjects: "Sequence[Subject]", wanted: "Wanted") -> None:
    from lookalike.disk import write_whole
    from lookalike.errors import LookalikeError
    from lookalike.evaluation.judged import SIDE
    from lookalike.evaluation.plans import labels_of
    from lookalike.evaluation.report.page import render
    from lookalike.evaluation.report.pictures import Pictures

    subject = subjects[0]
    try:
        labels = labels_of(subject, wanted)
    except BadInput:
        labels = {}

    def thumbnail(id_: str) -> bytes | None:
        found = next((one for one in subjects if id_ in one.records), None)
        try:
            return None if found is None else found.library.thumbnails.jpeg(found.records[id_], SIDE)
        except LookalikeError:
            return None

    write_whole(path, render(made, Pictures(thumbnail, lambda id_: labels.get(id_, ""))))
