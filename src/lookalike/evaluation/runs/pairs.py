"""How good are searches by pairs that a file names?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path

import numpy as np

from lookalike.decode import Fit
from lookalike.errors import BadInput, GalleryError, LookalikeError
from lookalike.evaluation.figures import Asked
from lookalike.evaluation.judged import Judged
from lookalike.evaluation.runs import Plan
from lookalike.evaluation.runs.asking import DEPTH, Expected, ask, pixels_of, to_jpeg
from lookalike.evaluation.subject import Subject
from lookalike.evaluation.truth.pairs import Truth
from lookalike.search import MAX_DEPTH, Query
from lookalike.sources import open_original
from lookalike.types import Region
from lookalike.uris import is_web

_TRIES = 20
"""Queries from the first one on that may all fail before a run is given up: there is no network, or no folder."""
_SHORT = 200
"""Characters of words that could not be asked."""


def by_pairs(subject: Subject, truths: Sequence[Truth], images: Path, *, queries: int = 0, seed: int = 0) -> Plan:
    """Search with each query of a file; its pictures are records, or files below `images`.

    Raises:
        BadInput: nothing that is relevant to any query is in the gallery, or more lies there besides the file's
            pictures than a search looks past.
    """
    order = np.random.default_rng(seed).permutation(len(truths)).tolist()[: queries or None]
    asking = [truths[place] for place in order]
    if not any(subject.names.find(name) for truth in truths for name in truth.relevant):
        raise BadInput(
            "Nothing that the file calls relevant is in the gallery.",
            "Name pictures as the gallery does: by path, file name, uri or id.",
        )
    distractors = sum(not _relevant(subject, truth) for truth in asking)
    words = sum(_is_also_a_name(subject, truth) for truth in asking)
    told = f" {words:,} queries that are also names of pictures were asked as words." if words else ""
    outside = _outside(subject, asking)
    beyond = max(map(len, outside.values()), default=0)
    if beyond > MAX_DEPTH - DEPTH:
        raise BadInput(
            f"The gallery holds {beyond:,} pictures that the file does not list, more than a search looks past.",
            "Leave them out with --where, or list them in the file.",
        )
    told += f" {beyond:,} pictures that the file does not list are neither right nor wrong." if beyond else ""
    return Plan(
        title="Searches by pairs",
        says=f"{len(asking):,} queries, {distractors:,} of them distractors that nothing should answer, among "
        f"{len(subject.records):,} pictures; whole searches, {DEPTH} hits deep, or as many as are relevant to a "
        f"query where these are more.{told}",
        total=len(asking),
        queries=_ask_truths(subject, asking, images, outside),
        asked=Asked(
            per_query=("mAP@100", "success@1", "success@10", "recall@10", "MRR"),
            pooled=("micro AP", "recall at precision 90 %", "calibration error of copies"),
        ),
    )


def _ask_truths(
    subject: Subject, truths: Sequence[Truth], images: Path, outside: Mapping[tuple[str, ...], Set[str]]
) -> Iterator[Judged]:
    """Ask one query after the other; one that cannot be asked finds nothing, and its name says why.

    Raises:
        LookalikeError: the gallery is broken, or none of the first queries can be asked.
    """
    failed = asked = 0
    for truth in truths:
        try:
            judged = _ask_truth(subject, truth, images, outside[truth.among])
            asked += 1
        except GalleryError:
            raise
        except LookalikeError as error:
            failed += 1
            if not asked and failed == min(_TRIES, len(truths)):
                raise
            relevant = len(_relevant(subject, truth))
            name = f"{truth.query[:_SHORT]} · {error.what}"
            judged = Judged(name=name, found=np.zeros(0, np.bool_), relevant=relevant, hits=())
        yield judged


def _relevant(subject: Subject, truth: Truth) -> set[str]:
    """Give the ids of what is right; a picture is no answer to itself."""
    return _found(subject, truth.relevant) - {subject.names.find(truth.query, bare=truth.bare)}


def _outside(subject: Subject, truths: Sequence[Truth]) -> dict[tuple[str, ...], Set[str]]:
    """Give, for each list of pictures that are searched, the ids of all others; none where there is no list."""
    lists = {truth.among for truth in truths}
    return {among: subject.records.keys() - _found(subject, among) if among else set() for among in lists}


def _found(subject: Subject, names: Iterable[str]) -> set[str]:
    """Give the ids of the records that are meant."""
    return {id_ for name in names if (id_ := subject.names.find(name))}


def _is_also_a_name(subject: Subject, truth: Truth) -> bool:
    """Say whether a query that is words is what a picture is called without its file's ending."""
    return bool(subject.names.find(truth.query)) and not subject.names.find(truth.query, bare=truth.bare)


def _ask_truth(subject: Subject, truth: Truth, images: Path, outside: Set[str]) -> Judged:
    id_ = subject.names.find(truth.query, bare=truth.bare)
    file = None if id_ else _file_of(truth.query, images, bare=truth.bare)
    region = None if truth.box is None else _region(subject, truth.box, id_, file)
    if id_:
        query = Query(id=id_, region=region, where=subject.where)
    elif file:
        query = Query(file=file, region=region, where=subject.where)
    else:
        query = subject.library.query(truth.query, where=subject.where)
    ignored = _found(subject, truth.ignored) | outside
    shown = to_jpeg(pixels_of(subject, file)) if file else b""
    relevant = _relevant(subject, truth)
    expected = Expected(relevant, ignored, depth=max(DEPTH, len(relevant)))
    return ask(subject, query, expected, truth.query, jpeg=shown)


def _file_of(name: str, images: Path, *, bare: bool) -> Path | None:
    """Find a query's picture below a folder, its name perhaps without an ending; none for words and URLs."""
    if "\0" in name or is_web(name) or name.startswith("data:"):
        return None
    path = images / name
    try:
        if not path.resolve().is_relative_to(images.resolve()):
            fix = "Name the folder of the queries by --images."
            raise BadInput(f"The query {name!r} lies outside of {images}.", fix)
        if path.is_file() or not bare:
            return path if path.is_file() else None
        return next(iter(sorted(path.parent.glob(f"{_literal(path.name)}.*"))), None)
    except (OSError, ValueError):  # too long for a name, or half a character, most often: words
        return None


def _literal(name: str) -> str:
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)


def _region(subject: Subject, box: tuple[float, float, float, float], id_: str | None, file: Path | None) -> Region:
    """Turn a box in pixels into fractions of the picture."""
    known = subject.records[id_] if id_ else None
    width, height = (known.width, known.height) if known else (0, 0)
    if not (width and height):  # no picture of the gallery, or one that was imported without
        original = open_original(known.uri, version=known.version) if known else file or b""
        decoded = subject.library.decoder.decode(original, Fit(size=64))
        width, height = decoded.width, decoded.height
    left, top = (min(max(side, 0.0), whole) for side, whole in zip(box[:2], (width, height), strict=True))
    right, bottom = (min(max(side, 0.0), whole) for side, whole in zip(box[2:], (width, height), strict=True))
    return Region(x=left / width, y=top / height, width=(right - left) / width, height=(bottom - top) / height)
