"""Is JSON that would take too long to check refused before that, and what is wrong told in few words?"""

import pytest
from fastapi.exceptions import RequestValidationError

from lookalike.errors import BadInput, TooLarge
from lookalike.service.asking.invalid import parse_json, telling_invalid
from lookalike.service.asking.queries import SearchRequest
from lookalike.service.schemas import PlanRequest


@pytest.mark.parametrize("part", [b'"a":1,', b'"where":[{},{}],', b'"where":[[[]]],'])
def test_json_of_too_many_parts_is_not_even_parsed(part):
    with pytest.raises(TooLarge, match="50,000 parts"):
        parse_json(SearchRequest, b"{" + part * 50_000 + b'"text":"dog"}')


def test_a_large_picture_is_one_part():
    body = b'{"image": "data:image/png;base64,' + b"A+/=" * 1_000_000 + b'"}'
    assert len(parse_json(SearchRequest, body).image) == 4_000_022


def test_the_largest_plan_fits():
    numbers = ",".join(map(str, range(1, 10_001)))
    keep, spare = (",".join(form.format(n) for n in range(10_000)) for form in ('"{}":"a"', '"{}"'))
    body = f'{{"action":"forget","groups":[{numbers}],"keep":{{{keep}}},"spare":[{spare}]}}'
    assert len(parse_json(PlanRequest, body.encode()).keep) == 10_000


@pytest.mark.parametrize(("wrong", "error"), [(3, RequestValidationError), (2_000, BadInput)])
def test_what_is_wrong_in_thousands_of_places_is_told_once(wrong, error):
    body = "{" + ",".join(f'"field {number}":1' for number in range(wrong)) + "}"
    with pytest.raises(error), telling_invalid():
        parse_json(SearchRequest, body.encode())
