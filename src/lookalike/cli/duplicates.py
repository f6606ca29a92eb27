"""Which pictures are there more than once, and what becomes of the spare ones?"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from lookalike.cli.failing import NOTHING, say
from lookalike.cli.options import GalleryOption, JsonOption, WhereOption, argument, flag, open_library, option
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.errors import BadInput, NotFound
from lookalike.uris import uri_path

if TYPE_CHECKING:
    from lookalike.duplicates import Action, Deed, Done, Group, Journal, KeepRules, Step, Undone
    from lookalike.gallery.filters import Filter
    from lookalike.library import Lookalike
    from lookalike.types import ImageRecord, Tier

_FORGET_BATCH = 500


def duplicates(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    folder: Annotated[Path | None, argument("PATH", "Only below this folder.", Path)] = None,
    tier: Annotated[str, option("--tier", "TIER", "identical, edited (those too) or similar (all); else edited.")] = "",
    keep: Annotated[
        str, option("--keep", "RULES", "By what the best is chosen; else resolution,bytes,format,age in this order.")
    ] = "",
    protect: Annotated[
        list[Path] | None,
        option("--protect", "FOLDER", "Touch nothing in it, and keep what is there. May be repeated.", Path),
    ] = None,
    where: WhereOption = "",
    sheet: Annotated[Path | None, option("--sheet", "FILE", "Write a page of the groups, .html.", Path)] = None,
    apply: Annotated[
        str, option("--apply", "ACTION", "Say what would be done with the others: move, delete or hardlink.")
    ] = "",
    to: Annotated[Path | None, option("--to", "FOLDER", "Where --apply move puts them.", Path)] = None,
    yes: Annotated[bool, flag("--yes", "Do what --apply, or --undo --all, says.")] = False,
    undo: Annotated[bool, flag("--undo", "Take back what was last done to files, by --apply or in the app.")] = False,
    everything: Annotated[bool, flag("--all", "With --undo and --yes: take back all that was ever done.")] = False,
    gallery: GalleryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Group pictures that are there more than once, and choose the best of each group.

    Copies may be turned or mirrored; crops and framed ones are found by `lookalike search` alone.
    No file is touched without --yes, but to take back what was done last. Exit with 1 if no picture is there more than
    once.
    """
    from lookalike.duplicates import KeepRules, Looking, OriginalsVerifier, find_groups

    others = any((folder, tier, keep, protect, where, sheet, apply, to))
    _check_undo(undo=undo, everything=everything, others=others or (yes and not everything))
    if yes and not (apply or undo):
        raise BadInput("--yes does what --apply says.", "Say what: --apply move --to FOLDER.")
    missing = next((one for one in protect or [] if not one.exists()), None)
    if missing is not None:
        raise BadInput(f"There is no folder {str(missing)!r} to protect.", "Correct its name.")
    with open_library(context, gallery=gallery) as library:
        if undo:
            _take_back(library, everything=everything, yes=yes, as_json=as_json)
            return
        action = _action(apply, tier, to)
        if sheet is not None:
            _check_sheet(sheet)
        rules = KeepRules.parse(keep, protect or [])
        if folder is not None:
            _check_known(folder, library)
        verify = OriginalsVerifier(library.decoder, library.thumbnails.grey_at_hand)
        how = Looking(rules=rules, verify=verify)
        groups = list(find_groups(library.gallery, _tier(tier), _filter(where, folder), how))
        if sheet is not None and groups:
            _write_sheet(sheet, groups, library)
        if action is None:
            _print_groups(groups, as_json=as_json)
        else:
            _act(list(_steps(groups, action, rules, to)), library, yes=yes, as_json=as_json)
    if verify.missing:
        _say_missing(verify.missing)
    if not groups:
        say(f"No picture is there more than once{', as far as can be told' if verify.missing else ''}.")
        raise typer.Exit(NOTHING)


def _check_undo(*, undo: bool, everything: bool, others: bool) -> None:
    if everything and not undo:
        raise BadInput("--all says how much --undo takes back.", "Leave it out, or say --undo --all.")
    if undo and others:
        what = "--undo takes back all that was done last; it goes with no other choice but --all."
        raise BadInput(what, "Leave the others out.")


def _check_known(folder: Path, library: "Lookalike") -> None:
    """Look whether a folder's name is misspelt; one without pictures may get some another day.

    Raises:
        NotFound: the gallery holds no picture below it, and it is not on disk either.
    """
    if library.gallery.count(_below(folder)):
        return
    what = f"The gallery holds no picture below {str(folder)!r}."
    if not os.path.isdir(folder):  # noqa: PTH112 - Path's own fails on a lost drive
        raise NotFound(what, "Correct the path, or take the folder in first: lookalike index FOLDER.")
    say(what)


def _say_missing(missing: "Mapping[str, str]") -> None:
    count = plural(len(missing), "picture that may be a copy was", "pictures that may be copies were")
    say(f"{count} compared with nothing: {readable(next(iter(missing.values())))}")


def _tier(text: str) -> "Tier":
    from lookalike.types import Tier

    if text not in {"", *Tier}:
        raise BadInput(f"There is no tier {text!r}.", f"Use {', '.join(Tier)}.")
    return Tier(text or Tier.EDITED)


def _action(text: str, tier: str, to: Path | None) -> "Action | None":
    from lookalike.duplicates import Action

    if text not in {"", *Action}:
        raise BadInput(f"Nothing can be done by the name {text!r}.", f"Use {', '.join(Action)}.")
    if text == Action.DELETE and tier == "similar":
        raise BadInput("Pictures that are merely similar are not deleted.", "Move them, or use --tier edited.")
    if text == Action.MOVE and to is None:
        raise BadInput("Where are the pictures to be moved to?", "Name a folder with --to.")
    if text != Action.MOVE and to is not None:
        raise BadInput("--to says where --apply move puts pictures.", "Leave it out, or say --apply move.")
    return Action(text) if text else None


def _filter(where: str, folder: Path | None) -> "Filter":
    from lookalike.gallery.filters import And, parse_filter

    parsed = parse_filter(where)
    return parsed if folder is None else And((parsed, _below(folder)))


def _below(folder: Path) -> "Filter":
    """Find what lies below a folder, however the way there is spelt."""
    from lookalike.gallery.filters import Matches, Or, literal

    named = Path(os.path.normpath(folder.absolute()))
    below = {uri_path(one.as_uri()).rstrip("/") for one in (named, named.resolve())}
    return Or(tuple(Matches("path", f"{literal(one)}/*") for one in sorted(below)))


def _journal(library: "Lookalike") -> "Journal":
    from lookalike.duplicates import Journal

    return Journal(library.journal)


def _steps(groups: Sequence["Group"], action: "Action", rules: "KeepRules", to: Path | None) -> Iterator["Step"]:
    from lookalike.duplicates import plan_steps

    return plan_steps(groups, action, rules, to)


def _act(steps: Sequence["Step"], library: "Lookalike", *, yes: bool, as_json: bool) -> None:
    """Do the steps, or say what would be done; the gallery forgets what is not there any more."""
    from lookalike.duplicates import Action, Done, carry_out, foresee
    from lookalike.ingest.inheriting import pass_on_to_kept

    gone: list[Step] = []
    count = left = 0
    if yes:
        results: Iterator[Done] = carry_out(steps, _journal(library), token_hex(8))
    else:
        results = map(foresee, steps)
    try:
        for done in results:
            count, left = count + (not done.obstacle), left + bool(done.obstacle)
            if yes and not done.obstacle and done.step.action is not Action.HARDLINK:
                gone.append(done.step)
            _print_done(done, yes=yes, as_json=as_json)
    finally:
        for start in range(0, len(gone), _FORGET_BATCH):
            batch = gone[start : start + _FORGET_BATCH]
            pass_on_to_kept(((one.record, one.kept) for one in batch), library.gallery)
            library.gallery.delete([one.record.id for one in batch])
    say(f"{plural(count, 'picture')} {'done' if yes else 'to do'}, {left:,} left alone.")
    if count:
        say("Take it back with --undo." if yes else "Nothing was touched; add --yes to do it.")


def _take_back(library: "Lookalike", *, everything: bool, yes: bool, as_json: bool) -> None:
    if everything and not yes:
        _list_deeds(library, as_json=as_json)
    else:
        _undo(library, everything=everything, as_json=as_json)


def _list_deeds(library: "Lookalike", *, as_json: bool) -> None:
    """Say what would be taken back, the last first."""
    from lookalike.duplicates import Undone

    deeds = _journal(library).deeds()
    for deed in reversed(deeds):
        _print_undone(Undone(deed=deed), is_done=False, as_json=as_json)
    if not deeds:
        _say_nothing()
    say(f"{plural(len(deeds), 'picture')} to bring back.")
    say("Nothing was touched; add --yes to do it.")


def _undo(library: "Lookalike", *, everything: bool, as_json: bool) -> None:
    """Bring files back, and what was said of them, unless there is no gallery any more."""
    from lookalike.duplicates import put_back, undo

    gallery = None
    with suppress(NotFound):
        gallery = library.gallery
    count = left = 0
    journal = _journal(library)
    deeds = [] if everything else journal.deeds()
    if deeds:
        _say_run(deeds)
    for undone in undo(journal, job=deeds[-1].job if deeds else None):
        if gallery and not undone.obstacle:
            put_back(undone.deed, gallery)
        count, left = count + (not undone.obstacle), left + bool(undone.obstacle)
        _print_undone(undone, is_done=not undone.obstacle, as_json=as_json)
    if not count + left:
        _say_nothing()
    say(f"{plural(count, 'picture')} back, {left:,} not. Run `lookalike index` to have them found again.")
    if left and not everything:
        say("What was done before that is taken back with --undo --all.")


def _say_nothing() -> NoReturn:
    say("There is nothing to take back.")
    raise typer.Exit(NOTHING)


def _say_run(deeds: Sequence["Deed"]) -> None:
    """Say which run is taken back: when it ended, in the time of this machine, and how many files it has left."""
    last = deeds[-1]
    ended = datetime.fromisoformat(last.at).astimezone()
    count = plural(sum(deed.job == last.job for deed in deeds), "file")
    say(f"Taking back what was last done, until {ended:%Y-%m-%d %H:%M}, to {count}.")


def _print_undone(undone: "Undone", *, is_done: bool, as_json: bool) -> None:
    deed = undone.deed
    if as_json:
        facts = {"path": deed.path, "action": deed.action, "obstacle": undone.obstacle}
        print_json({**facts, "undone": is_done})
        return
    said = "is back" if is_done else "would be brought back"
    print(f"{readable(deed.path)}  {readable(undone.obstacle) or said}")


def _print_groups(groups: Sequence["Group"], *, as_json: bool) -> None:
    for group in groups:
        if as_json:
            print_json(_group_json(group))
            continue
        print(f"{group.tier}: keep {readable(group.keep.path)} ({group.kept_for})")
        for record in group.others:
            print(f"    {readable(record.path)}  {group.reasons[record.id]}")
    if groups:
        spare = sum(len(group.others) for group in groups)
        megabytes = sum(group.spare_bytes for group in groups) / 1e6
        say(f"{plural(len(groups), 'group')} with {plural(spare, 'spare picture')}, {megabytes:,.1f} MB.")


def _group_json(group: "Group") -> dict[str, Any]:
    others = [{**_record_json(record), "reason": group.reasons[record.id]} for record in group.others]
    kept = {**_record_json(group.keep), "reason": group.kept_for}
    return {"tier": group.tier, "keep": kept, "others": others, "spare_bytes": group.spare_bytes}


def _record_json(record: "ImageRecord") -> dict[str, Any]:
    names = ("id", "uri", "path", "width", "height", "format", "bytes", "sha256")
    return {name: getattr(record, name) for name in names}


def _print_done(done: "Done", *, yes: bool, as_json: bool) -> None:
    step = done.step
    if as_json:
        facts = {"action": step.action, "path": str(step.path), "kept": str(step.kept_path), "to": str(step.to or "")}
        print_json({**facts, "done": yes and not done.obstacle, "obstacle": done.obstacle})
        return
    where = f" to {readable(str(step.to))}" if step.to else ""
    said = f"left alone: {readable(done.obstacle)}" if done.obstacle else f"{step.action}{where}"
    print(f"{readable(str(step.path))}  {said}")


def _check_sheet(path: Path) -> None:
    from lookalike.cli.sheet import check_sheet_path

    check_sheet_path(path)
    if path.suffix.lower() == ".png":
        raise BadInput("Groups of pictures are written as a page only.", "End its name in .html.")


def _write_sheet(path: Path, groups: Sequence["Group"], library: "Lookalike") -> None:
    from lookalike.cli.sheet.groups import render
    from lookalike.disk import write_whole

    write_whole(path, render(groups, library.thumbnails))
    say(f"The page is {path}.")
