"""Which encoder answers queries? A new one is begun, filled and switched to; the old one waits, returns, or goes."""

import re
from collections.abc import Iterable
from dataclasses import replace
from shlex import quote

from lookalike.disk import expand_home
from lookalike.encoders import Encoder
from lookalike.errors import BadInput, Conflict, GalleryError, NotFound
from lookalike.gallery import Gallery, OnServer
from lookalike.gallery.serving import Serving

_OF_A_FILE = re.compile(r"torch:|onnx:(?!hf:)")
_LEFT_AWAY = (
    (r"@[^+/]+", ""),  # revisions, and aliases of registered models
    (r"^onnx:(hf:.+)/onnx/(?:vision_)?model\.onnx$", r"\1"),
    (r"(?<=[:+])(?:timm|sentence-transformers)/", ""),
    (r"^(timm:[^/@.]+)\.([^/@]+)$", r"\1@\2"),
    (r"^(sentence-transformers:.+)\+.+$", r"\1"),  # the pictures that its words belong to
    (r"^(mlflow:models:/[^/@]+)/\d+", r"\1"),
)
"""What of the names that galleries keep need not be said, and what is left of them."""


def claim(gallery: Gallery, encoder: Encoder) -> None:
    """Make room for what an encoder will say of pictures that come in.

    The one that answered before the last switch may go on for a moment: what it leaves is encoded anew afterwards.

    Raises:
        GalleryError: another encoder answers the queries of this gallery, or the same one with other weights; or its
            vectors were lost, and searches would give only what comes in from now on.
    """
    serving = gallery.serving
    if serving.now and not {*serving.now, *serving.before} & encoder.spaces.keys():
        made_with = gallery.spaces[serving.now[0]].encoder
        raise GalleryError(
            f"The gallery {gallery.url} is searched with the encoder {made_with!r}, not with {encoder.name!r}.",
            f"Change it: lookalike reencode --encoder {quote(encoder.name)}; or index into another gallery.",
        )
    if isinstance(gallery, OnServer) and encoder.spaces.keys() & gallery.lost():
        stay = "" if answers(gallery, encoder) else " --no-switch"
        raise GalleryError(
            f"The vectors of {encoder.name!r} in the gallery {gallery.url} are gone.",
            f"Make them anew first: lookalike reencode --encoder {quote(encoder.name)}{stay}",
        )
    for space in encoder.spaces.values():
        gallery.add_space(space)


def answers(gallery: Gallery, encoder: Encoder) -> bool:
    """Say whether an encoder answers the queries of a gallery, or would, because no other does yet."""
    now = gallery.serving.now
    return not now or bool(set(now) & encoder.spaces.keys())


def begin(gallery: Gallery, encoder: Encoder) -> Serving:
    """Make room for another encoder, and say that it is being filled; nothing of this shows in answers.

    Raises:
        BadInput: still another one is being filled.
        GalleryError: the gallery cannot be written, or holds other spaces of these names.
    """
    names = tuple(encoder.spaces)
    _refuse_second(gallery, gallery.serving, names)
    held = gallery.spaces
    for space in encoder.spaces.values():
        if space.name in held and held[space.name].digest != space.digest:
            raise GalleryError(
                f"The gallery has vectors in {space.name!r} that other weights of {encoder.name!r} made.",
                "Give the new one another version in its card, so that its spaces have names of their own; without a "
                "card, take another gallery.",
            )
        gallery.add_space(space)

    def fill(held: Serving) -> Serving:
        is_done = set(held.now) & set(names) or _is_taken(held, names)
        return held if is_done else replace(held, filling=names)

    served = gallery.serve(fill)
    _refuse_second(gallery, served, names)  # begun by another program meanwhile
    return served


def _is_taken(serving: Serving, names: tuple[str, ...]) -> bool:
    """Say whether another encoder than that of these spaces, which does not answer yet, is being filled."""
    return bool(serving.filling) and set(serving.filling) != set(names) and not set(serving.now) & set(names)


def _refuse_second(gallery: Gallery, serving: Serving, names: tuple[str, ...]) -> None:
    if _is_taken(serving, names):
        begun = gallery.spaces[serving.filling[0]].encoder
        raise BadInput(
            f"The gallery is being filled with the vectors of {begun!r}.",
            f"Go on with it: lookalike reencode; or give it up: lookalike reencode --drop {quote(begun)}",
        )


def switch(gallery: Gallery, *, anyway: bool = False) -> Serving:
    """Have the encoder answer queries that was being filled; the one that did before stays, to go back to.

    Raises:
        BadInput: none is being filled.
        GalleryError: pictures lack its vectors, and `anyway` was not said.
        Conflict: meanwhile it was given up.
    """
    filling = gallery.serving.filling
    if not filling:
        raise BadInput("No other encoder is being filled.", "Name one: lookalike reencode --encoder NAME")
    lacking = gallery.count_lacking(filling)
    lacking = max(lacking, len(gallery.lacking(filling).records))  # a server may count vectors that have no record
    if lacking and not anyway:
        raise GalleryError(
            f"{lacking:,} of {gallery.count():,} pictures have no vector of the new encoder: after a switch, only "
            "their texts, copies and the very same picture would find them.",
            "Bring the gallery up to date with lookalike index, and run lookalike reencode again; or add --anyway.",
        )
    served = gallery.serve(
        lambda held: Serving(now=filling, before=held.now) if held.filling == filling else held  # which was counted
    )
    if served.now != filling:
        raise Conflict(
            "The encoder that was being filled was given up meanwhile, or another one begun.",
            "See with `lookalike info` what is being filled.",
        )
    return served


def roll_back(gallery: Gallery) -> Serving:
    """Have the encoder answer again that did before the last switch; the one that does now stays, to go back to.

    Raises:
        BadInput: there was none, or it was dropped.
    """
    if not gallery.serving.before:
        raise BadInput("There is no encoder to go back to.", "`lookalike info` names those that the gallery holds.")
    return gallery.serve(lambda held: replace(held, now=held.before, before=held.now) if held.before else held)


def drop(gallery: Gallery, name: str) -> list[str]:
    """Forget an encoder's vectors, or those of one space, and give the names of the spaces that are gone.

    The name may be as short as one may ask for the encoder: without revision, owner, graph or version. A file
    that is there may be named from where one is.

    Raises:
        NotFound: the gallery holds none of that name.
        Conflict: it answers queries.
    """
    spaces, name = gallery.spaces, _kept_name(name)
    meant = [
        one.name for one in spaces.values() if name in {one.name, one.name.rpartition("/")[0], *_names(one.encoder)}
    ]
    if not meant:
        raise NotFound(
            f"The gallery holds no vectors of {name!r}.",
            f"It holds those of {_named(one.encoder for one in spaces.values())}.",
        )
    now = gallery.serving.now
    if set(meant) & set(now):
        waiting = [one for one in meant if one not in now]
        if waiting and name in _names(spaces[now[0]].encoder):  # another version of the encoder that answers
            meant = waiting
    for one in meant:
        gallery.drop_space(one)
    return meant


def _kept_name(encoder: str) -> str:
    """Give an encoder's name as a gallery keeps it: with the whole path of its file, where there is one."""
    family, sign, path = encoder.partition(":")
    if not sign or not path or not expand_home(path).is_file():
        return encoder
    return f"{family}:{expand_home(path).absolute()}"


def _names(encoder: str) -> set[str]:
    """Give what an encoder is called: as the gallery keeps it, and as people may have asked for it."""
    names = {encoder}
    if _OF_A_FILE.match(encoder):
        return names
    for part, instead in _LEFT_AWAY:
        names |= {re.sub(part, instead, name) for name in names}
    return names


def _named(encoders: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(encoders)) or "none"
