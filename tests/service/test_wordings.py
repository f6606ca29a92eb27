"""Can whatever goes wrong with a picture, a search or a job be said in another language?"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lookalike
import lookalike.errors
from lookalike.decode import formats
from lookalike.fetch.addresses import METADATA, why_forbidden
from lookalike.service.wordings import OTHER, TEMPLATES, wording_of

SOURCE = Path(lookalike.__file__).parent
WEB = SOURCE.parents[1] / "web" / "src" / "messages"
ERRORS = {name for name, one in vars(lookalike.errors).items() if isinstance(one, type)}
SAYING = {"_unreachable", "_failure", *ERRORS}
"""Calls whose texts a person reads as the reason why a picture was not taken in."""

SEEN_BY_READERS = ("decode", "fetch", "sources/folder.py", "sources/originals.py", "ingest/storing.py")
NOT_SEEN = re.compile(
    r"(?s)A (picture|grey picture) cannot be fitted|A margin of|The limit |A pool cannot have|fetch_allow: |"
    r"its size is .*"
)
"""What programmers and operators get wrong, before any picture is looked at."""


def texts(path: Path) -> Iterator[str]:
    """Give what a module says, with something in the gaps; of a text kept in a variable, what it is set to."""
    tree = ast.parse(path.read_text())
    said = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
            given = node.args[1] if node.func.id.startswith("_") else node.args[0]
            yield from written(said.get(given.id, given) if isinstance(given, ast.Name) else given)


def remarks(path: Path) -> Iterator[str]:
    """Give the whole sentences that a module returns, puts into a list or calls a remark or an obstacle."""
    for node in ast.walk(ast.parse(path.read_text())):
        found = [node.value] if isinstance(node, ast.Return) else []
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "remark":
            found = [node.value]
        if isinstance(node, ast.Call):
            appended = isinstance(node.func, ast.Attribute) and node.func.attr == "append"
            found = [*(node.args if appended else ()), *(one.value for one in node.keywords if one.arg == "obstacle")]
        yield from (text for one in found if one is not None for text in written(one) if text.count(" ") > 1)


def written(node: ast.expr) -> Iterator[str]:
    """Give the text of a constant or an f-string."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in node.values)


@pytest.mark.slow
def test_every_reason_why_a_picture_is_not_taken_in_has_a_code():
    modules = [path for part in SEEN_BY_READERS for path in [SOURCE / part, *(SOURCE / part).rglob("*.py")]]
    said = {text for path in modules if path.is_file() for text in texts(path)}
    assert len(said) > 40
    nameless = {one for one in said if wording_of(one).code == OTHER and not NOT_SEEN.match(one)}
    assert not nameless


REMARKING = (
    *("duplicates/acting.py", "duplicates/renaming.py", "duplicates/undoing.py"),
    *("service/duplicates/plans.py", "service/jobs/duplicates.py"),
    "search/searcher.py",
)


def test_every_remark_on_answers_and_every_obstacle_to_tidying_has_a_code():
    said = {text for part in (*REMARKING, "search/description.py") for text in remarks(SOURCE / part)}
    assert len(said) > 12
    assert {one for one in said if wording_of(one).code == OTHER} <= {"there is no captioner"}


PIECED = {"blocked-same", "blocked-edited", "permission-denied", "file-missing", "disk-full", "disk-read-only"}
"""Codes of what stands nowhere as a whole, or is the system's own."""


@pytest.mark.slow
def test_no_code_is_left_of_a_sentence_that_is_written_in_other_words_by_now():
    modules = [path for path in SOURCE.rglob("*.py") if path.name != "wordings.py"]
    said = {text for path in modules for node in ast.walk(ast.parse(path.read_text())) for text in written(node)}
    assert TEMPLATES.keys() - {wording_of(one).code for one in said if one} == PIECED


@pytest.mark.parametrize("code", TEMPLATES)
def test_each_template_is_found_again_with_what_stands_in_its_gaps(code):
    gaps = re.findall(r"{(\w+)}", TEMPLATES[code])
    filled = {gap: f"<{n}>" for n, gap in enumerate(gaps)}
    found = wording_of(TEMPLATES[code].format(**filled))
    assert (found.code, found.parameters) == (code, filled)


def test_what_is_unknown_or_endless_is_something_else_and_nothing_is_nothing():
    assert wording_of("") is None
    assert wording_of("Nobody ever wrote this.").code == OTHER
    assert wording_of("It is " * 100_000).code == OTHER


@pytest.mark.timeout(5)
def test_a_text_that_could_end_its_gaps_in_a_thousand_places_is_given_up_at_once():
    for number in range(100):
        assert wording_of("This takes the scope " + ", and " * 320 + str(number)).code == OTHER


def test_a_name_in_quotes_stands_without_them():
    assert wording_of("There is no group 7.").parameters == {"number": "7"}
    assert wording_of("This link 'x' is no page.").code == OTHER
    assert wording_of("The link 'http:x' is no web page.").parameters == {"link": "http:x"}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_every_code_is_translated_with_the_gaps_that_it_has(language):
    text = (WEB / language / "wordings.ts").read_text()
    said = dict(re.findall(r'^  "?([\w-]+)"?: "(.+)",$', text.partition("const terms")[0], re.MULTILINE))
    assert said.keys() == TEMPLATES.keys()
    for code, translated in said.items():
        assert set(re.findall(r"{(\w+)}", translated)) <= set(re.findall(r"{(\w+)}", TEMPLATES[code])), code
        assert translated != TEMPLATES[code]


@pytest.mark.parametrize("language", ["de", "fr"])
def test_whatever_kind_of_file_or_address_is_met_has_a_name_in_each_language(language):
    terms = (WEB / language / "wordings.ts").read_text().partition("const terms")[2]
    kinds = {name for *_, name in formats._REFUSED} | {name for _, name in formats._MARKUP}
    kinds |= {"an empty file", "a file of zeros", "a TGA picture", "a Netpbm picture", "XML or HTML", "text"}
    kinds |= {"of an unknown format"}
    assert {kind for kind in kinds if f'"{kind}": ' not in terms} == set()
    assert why_forbidden(next(iter(METADATA)))
