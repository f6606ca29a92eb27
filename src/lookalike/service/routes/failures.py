"""What could not be taken in, and why?"""

from typing import Annotated

from fastapi import APIRouter, Query

from lookalike.service.access import READ, WRITE
from lookalike.service.jobs import JobKind
from lookalike.service.jobs.indexing import retry_failures
from lookalike.service.needs import ServiceNeeded
from lookalike.service.parts import Parts
from lookalike.service.problems import problem_docs
from lookalike.service.schemas import MAX_CURSOR, MAX_LIMIT, FailurePage, Job

router = APIRouter(prefix="/v1/failures", tags=["failures"])

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to give.", examples=[100])]
Cursor = Annotated[str, Query(max_length=MAX_CURSOR, description="From the page before.", examples=[""])]


@router.get("", dependencies=[READ], summary="Failures", responses=problem_docs(400, 503))
async def listing(service: ServiceNeeded, limit: Limit = 100, cursor: Cursor = "") -> FailurePage:
    """List what could not be taken in, by uri, each with its reason."""
    return await service.listings.run(_page, service.parts, cursor, limit)


@router.post("/retry", dependencies=[WRITE], summary="Try again", status_code=202, responses=problem_docs(503))
def retry(service: ServiceNeeded) -> Job:
    """Try them again, in the background; files that have gone meanwhile are forgotten.

    Folders and tables, whose uris end in a slash, are tried again when they are indexed again.
    """
    return Job.of(service.jobs.submit(JobKind.RETRY, "failures", retry_failures(service.parts)))


def _page(parts: Parts, cursor: str, limit: int) -> FailurePage:
    return FailurePage.of(parts.gallery.failures(), cursor, limit)
