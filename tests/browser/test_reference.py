"""Does the reference of the HTTP API draw itself, without any other server?"""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_reference_lists_every_route(page, address):
    page.goto(f"{address}docs")
    page.locator("#problem-list dt").first.wait_for()
    calls = page.locator(".call").all_inner_texts()
    described = page.request.get(f"{address}openapi.json").json()
    assert len(calls) == sum(len(methods) for methods in described["paths"].values())
    assert any("/v1/search" in call for call in calls)
    page.goto(f"{address}docs#bad-input")
    expect(page.locator("#bad-input")).to_be_in_viewport()
