"""Does the app hold the same for granted as the program, where it says again what Python says?"""

import re
from pathlib import Path

from lookalike.decode.formats import FORMATS
from lookalike.describing import MAX_LENGTHS
from lookalike.duplicates import KeepRules
from lookalike.service.schemas.duplicates import PlanRequest
from lookalike.testing import make_record

APP = Path(__file__).parents[1] / "web" / "src"


def said(path: str, name: str) -> str:
    """Give what a constant of the app is set to, as it is written there."""
    text = (APP / path).read_text("utf-8")
    (value,) = re.findall(rf"^(?:export )?const {name}\b[^=]* = ([^;]*);", text, re.MULTILINE)
    return value


def test_it_ranks_formats_as_duplicates_does():
    ranked = re.findall(r'"(\w+)"', said("pages/duplicates/keeping.ts", "FORMATS"))
    rules = KeepRules.parse("format")
    assert ranked == sorted(FORMATS, key=lambda one: rules.key(make_record("file:///a", format=one)))


def test_its_fields_take_no_more_than_may_be_written():
    longest = re.findall(r"(\w+): ([\d_]+)", said("change/EditDialog.tsx", "LONGEST"))
    assert longest
    assert {name: int(most) for name, most in longest}.items() <= MAX_LENGTHS.items()


def test_it_sends_no_longer_plans_than_are_taken():
    most = PlanRequest.model_json_schema()["properties"]["spare"]["maxItems"]
    assert int(said("pages/duplicates/keeping.ts", "MOST")) == most
