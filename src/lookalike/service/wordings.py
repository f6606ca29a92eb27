"""What does a text of ours say, for those who say it in another language? A stable code, and what stands in its gaps.

What is written into a gallery, a log or an answer is an English sentence. Its code is found by its form, so that what
was written long ago has one, too, and no layer below needs to know of codes.
"""

import re
from functools import cache, lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

OTHER = "other"
_LONGEST = 2_000
"""Characters that are read; no sentence of ours is longer, but for what strangers put into its gaps."""

TEMPLATES = {
    # Why bytes are no picture: lookalike.decode
    "too-many-bytes": "The file has {megabytes} MB, more than {most} MB.",
    "too-many-frames": "The animation has {frames} frames, more than {most}.",
    "too-many-pixels": "The picture has {width} × {height} pixels, more than {most} million.",
    "too-slow-to-decode": "It took more than {seconds} s to decode.",
    "too-slow-to-read": "It took more than {seconds} s to read the file.",
    "decoder-killed": "The decoder was killed, most likely because the machine ran out of memory.",
    "decoder-stood-still": "The program stood still while it was decoded.",
    "decoder-crashed": "The decoder crashed on it ({how}).",
    "decoder-astray": "The decoder went astray on it.",
    "decoder-closed": "The decoder was closed before the picture's turn came.",
    "no-decoder": "No decoder process can be started: {error}.",
    "decoder-not-started": "The decoder process did not start {why}.",
    "no-file": "It is a folder, a pipe or a device, not a file.",
    "file-unreadable": "The file cannot be read: {error}.",
    "file-needs-memory": "The file needs more memory than it may have.",
    "broken-or-large": "The {format} is broken, or needs more memory to decode than it may have.",
    "picture-needs-memory": "The {format} needs more memory to decode than it may have.",
    "bomb": "The {format} has too many pixels: {detail}.",
    "truncated": "The {format} is truncated.",
    "undecodable": "The {format} is broken: it cannot be decoded.",
    "broken": "The {format} is broken: {detail}.",
    "no-picture": "It is {kind}, not a picture that can be read.",
    "empty-region": "The region {region} holds no part of the picture.",
    # Why nothing came from the web: lookalike.fetch
    "host-sends-too-much": "{host} sends more than {most} bytes.",
    "host-breaks-off": "{host} sent a body that breaks off.",
    "host-sends-encoded": "{host} sent a body encoded as {encoding}, which was not asked for.",
    "host-sends-broken": "{host} sent a broken body: {error}.",
    "too-many-redirects": "The URL redirects more than {most} times.",
    "redirects-to-plain": "{host} redirects from https to {aim} without encryption, which is not followed.",
    "redirects-astray": "{host} redirects to something that cannot be asked: {error}",
    "host-refuses": "{host} answers with status {status}.",
    "host-too-slow": "{host} did not answer in time ({limits}).",
    "host-silent": "{host} could not be asked: {error}.",
    "host-not-asked": "{host} is not asked: {why}.",
    "proxy-unusable": "The environment's proxy for {scheme} is no http(s) URL.",
    "url-too-long": "This URL has {length} characters; at most {most} are allowed.",
    "url-control-character": "The URL {url} holds a control character or a backslash.",
    "url-not-http": "{url} is no http(s) URL.",
    "url-with-password": "This URL carries a user name or password.",
    "url-without-host": "The URL {url} has no host that can be understood.",
    "url-port": "The URL {url} has no valid port.",
    "url-host-name": "The host {host} is no valid name.",
    "url-odd-address": "The host {host} is an address in an odd spelling.",
    "url-path": "The path {path} of the URL is no valid text.",
    # Why a picture of a source was not taken in: lookalike.sources, ingest, blocklist
    "folder-empty": "the folder is empty or has gone; if a drive should be here, it is not mounted",
    "folder-emptied": "the folder is empty; if a drive should be here, it is not mounted; if its pictures are to be "
    "forgotten, delete the folder, too",
    "folder-unlisted": "the folder cannot be listed: {error}",
    "link-leads-out": "the link leads out of the folders that may be indexed",
    "file-unseen": "the file cannot be looked at: {error}",
    "row-apart": "its picture stands further up already; only rows side by side are put together",
    "source-missing": "There is no file or folder {path}.",
    "original-not-read-back": "The original of {uri} cannot be read back from its source.",
    "original-gone": "The file {path} is not there any more.",
    "drive-silent": "The drive of {path} does not answer.",
    "original-relinked": "{path} is a link to another file than the one that was indexed.",
    "changed-meanwhile": "Its file has changed since it was indexed, or it was forgotten meanwhile: "
    "index its folder again.",
    "blocked-same": "It is the same as the blocked picture {id} ({title}).",
    "blocked-edited": "It is an edited copy ({transform}) of the blocked picture {id} ({title}).",
    "upload-too-large": "It is larger than {most} bytes.",
    # Why a spare picture is left alone: lookalike.duplicates, service.duplicates
    "protected": "It lies in a protected folder.",
    "bytes-unknown": "Nobody has looked at its bytes yet; index its folder first.",
    "bytes-differ": "Its bytes differ from those of the picture that is kept; it can be moved.",
    "file-gone-or-link": "{path} is not there any more, or is a link.",
    "file-changed": "{path} has changed since it was indexed.",
    "one-file": "Both names are one file already.",
    "name-taken": "{path} is there already.",
    "another-file": "{path} is another file by now.",
    "kept-gone": "{path}, which had the same bytes, is not there any more or has changed.",
    "moved-gone": "{path} is not there any more.",
    "was-uploaded": "It was uploaded; take it out with the action forget.",
    "outside-roots": "It lies outside of the folders that index_roots names.",
    "permission-denied": "Permission denied.",
    "file-missing": "No such file or directory.",
    "disk-full": "No space left on device.",
    "disk-read-only": "Read-only file system.",
    # What could not be taken into account, or not be searched: lookalike.search
    "no-words-understood": "Only names, captions, tags and other texts were searched: the encoder {encoder} knows no "
    "words. Index with one that does, such as mini, to find what pictures show.",
    "only-recognised": "The picture is described only by the names of what is recognised: {why}.",
    "only-captioned": "The picture is described only by its caption: the encoder {encoder} names nothing.",
    "no-description": "Nothing here can put a picture into words: {why}, and the encoder {encoder} names nothing.",
    "no-words-found": "No words were found that describe the picture.",
    "no-word": "There is no word to look for.",
    "only-exclusions": "There is no word to look for, only what to leave out or to filter by.",
    "too-many-words": "The words are {length} characters long; {most} is the most that is read.",
    "filter-too-long": "The filter is {length} characters long; {most} is the most that is read.",
    "filter-too-wide": "The filter has more than {most} patterns of texts, paths or metadata, or with * or ?, and each "
    "is looked for among all pictures.",
    "nothing-to-search": "There is nothing to search with.",
    "no-picture-and-words": "A picture and words cannot be searched for together: the encoder {encoder} knows no "
    "words.",
    "region-outside": "The region {region} does not lie within the picture.",
    "region-without-picture": "A region needs a picture.",
    "mode-without-picture": "The mode {mode} needs a picture.",
    "foreign-cursor": "The cursor does not belong to this query.",
    "too-deep": "k is {k}; with the pages before it must stay between 1 and {most}.",
    "made-with-another": "The gallery {gallery} was made with the encoder {made_with}, not with this {encoder}.",
    "other-weights": "The gallery {gallery} was made with other weights of the encoder {encoder}.",
    "no-picture-of-id": "There is no picture {id} in the gallery.",
    # What a person writes about pictures: lookalike.describing
    "too-many-tags": "{count} tags are too many.",
    "empty-tag": "A tag is empty.",
    "text-too-long": "The {field} has {length} characters.",
    "link-no-page": "The link {link} is no web page.",
    # What the service refuses: lookalike.service
    "asks-too-often": "You ask too often.",
    "login-needed": "This needs a login.",
    "bad-key": "This key is not, or no longer, good.",
    "no-key": "That is no key: keys begin with {prefix}.",
    "no-token": "This is no token.",
    "bad-token": "This token is not good: {error}.",
    "scope-missing": "This takes the scope {wanted}, and {name} {has}.",
    "request-too-large": "The request is larger than {most} bytes.",
    "request-too-slow": "The request comes more slowly than {least} bytes a second.",
    "request-silent": "The rest of the request did not come within {seconds} s.",
    "form-breaks-off": "The multipart body ends in the middle.",
    "form-too-many-parts": "The form has more than {most} parts.",
    "query-picture-too-large": "The picture is larger than {most} bytes.",
    "several-files": "The form holds several files.",
    "no-upload": "The request holds no picture.",
    "too-many-waiting": "Too many requests are waiting.",
    "too-many-large": "Too many large requests are under way.",
    "too-many-exports": "Too many exports are under way.",
    "too-many-elsewhere": "Too many requests wait for other sites.",
    "no-answer-in-time": "There was no answer within {seconds} s.",
    "not-looked-for": "Nobody has looked for duplicates yet.",
    "no-group": "There is no group {number}.",
    "not-in-group": "The picture {id} is not in group {number}.",
    "no-target": "Where are the pictures to be moved to?",
    "plan-changed": "This is not the plan that was seen: pictures or groups have changed.",
    "acting-elsewhere": "Another program is acting on duplicates just now.",
    "no-folder-to-protect": "There is no folder {path} to protect.",
    "outside-of-roots": "The service may not work on {path}.",
    "no-captioner": "This service has no captioner.",
    "caption-written": "{who} wrote the caption.",
    "nothing-to-encode": "The gallery holds nothing to encode.",
    "encoder-from-file": "Over the network, no encoder is loaded from a file.",
    "vectors-dropped": "The vectors of {encoder} were dropped while they were made.",
    "no-embeddings": "The gallery {gallery} holds no embeddings to compare.",
    "no-job": "There is no job {id}.",
    "nothing-of-job": "Nothing that the job {id} did can be taken back.",
    "too-many-jobs": "{count} jobs are waiting already.",
    "service-ending": "The service is ending.",
    "too-many-watchers": "Too many watch jobs already.",
    "no-regions": "There are no matched regions to lay over one another.",
    "original-no-file": "The original of {uri} is not a file here.",
    "original-unreadable": "The file {path} cannot be read: {error}.",
    "original-changed": "The file {path} is not the {format} picture any more that was indexed.",
    "uploads-unwritable": "The uploads folder {folder} cannot be written: {error}.",
    "no-such-route": "{method} {path} is nothing that this service offers.",
    "unexpected": "Something unexpected went wrong.",
}
"""Code → what we write. A code never changes its meaning; where the text of one changes, so does its template.

A sentence that suits two templates has the code of the first, so those with more of their own words stand before.
"""

Code = Annotated[str, Field(json_schema_extra={"enum": [*TEMPLATES, OTHER]})]


class Wording(BaseModel):
    """What a text says, for programs that say it in another language."""

    model_config = ConfigDict(frozen=True)

    code: Code = Field(description="Stable; other for what has none.", examples=["too-many-bytes"])
    parameters: dict[str, str] = Field(
        description="What stands in its gaps, as the text has it.", examples=[{"megabytes": "812.4", "most": "500"}]
    )


@lru_cache(maxsize=1_000)
def wording_of(text: str) -> Wording | None:
    """Give what a text says; None for the empty one."""
    if not text:
        return None
    if len(text) <= _LONGEST:
        for code, form in _forms().items():
            found = form.fullmatch(text)
            if found:
                return Wording(code=code, parameters={gap: _bare(one) for gap, one in found.groupdict().items()})
    return Wording(code=OTHER, parameters={})


def _bare(quoted: str) -> str:
    return quoted[1:-1] if len(quoted) > 1 and quoted[0] == quoted[-1] and quoted[0] in "'\"" else quoted


@cache
def _forms() -> dict[str, re.Pattern[str]]:
    """Give what texts of each code look like."""
    return {code: _form(template) for code, template in TEMPLATES.items()}


def _form(template: str) -> re.Pattern[str]:
    """Give what a template's texts look like.

    A gap ends where the words behind it first stand, for good: to look further would find no more, and strangers, who
    fill the gaps, could make it take long.
    """
    start, *rest = re.split(r"\{(\w+)\}", template)
    gaps = [rf"(?P<{gap}>.+?){re.escape(words)}" for gap, words in zip(rest[::2], rest[1::2], strict=True)]
    return re.compile(re.escape(start) + "".join([*(f"(?>{gap})" for gap in gaps[:-1]), *gaps[-1:]]), re.DOTALL)
