"""How are several queries answered at once? Each for itself: one that cannot be answered does not fail the others."""

import asyncio
from time import perf_counter

from anyio import move_on_after
from pydantic import BaseModel, ConfigDict, Field

from lookalike.errors import LookalikeError, Overloaded
from lookalike.service.asking.queries import SearchRequest
from lookalike.service.asking.reading import beside
from lookalike.service.needs import Service
from lookalike.service.problems import Problem, problem_of
from lookalike.service.schemas import SearchAnswer

MAX_QUERIES = 20
_SHARE = 0.8
"""How much of the time that an answer may take the queries may: the rest is for reading and writing them."""


class BatchRequest(BaseModel):
    """Several queries, of which none may hold a file of its own."""

    model_config = ConfigDict(extra="forbid")

    queries: list[SearchRequest] = Field(
        min_length=1, max_length=MAX_QUERIES, description=f"At most {MAX_QUERIES}.", examples=[[{"text": "dog"}]]
    )


class BatchItem(BaseModel):
    """What became of one query."""

    answer: SearchAnswer | None = Field(description="Null where there is a problem.")
    problem: Problem | None = Field(description="Null where there is an answer.")


class BatchAnswer(BaseModel):
    """What became of each query, in their order."""

    answers: list[BatchItem]


async def answer_all(service: Service, asked: BatchRequest) -> BatchAnswer:
    """Answer queries one after the other, so that one caller does not take all the turns; in time, or not at all."""
    seconds = _SHARE * service.parts.limits.max_answer_s
    end = perf_counter() + seconds
    late = problem_of(Overloaded(f"There was no answer within {seconds:g} s.", "Ask again, for less at a time."))
    answers = [await _answer_until(end, service, one) for one in asked.queries]
    return BatchAnswer(answers=[one or BatchItem(answer=None, problem=late) for one in answers])


async def _answer_until(end: float, service: Service, asked: SearchRequest) -> BatchItem | None:
    """Give an answer that is found in time; none is looked for once it is over.

    What is still read by then is not searched for, and what waits to begin gives up its place. A search that has begun
    cannot be broken off: it keeps its place, takes its turn, and what it finds then is dropped.
    """
    left = end - perf_counter()
    if left <= 0:
        return None
    answering = asyncio.create_task(_answer_within(left, service, asked))
    await asyncio.wait([answering], timeout=left)
    return answering.result() if answering.done() else None


async def _answer_within(seconds: float, service: Service, asked: SearchRequest) -> BatchItem | None:
    with move_on_after(seconds):  # which leaves alone what works in a thread
        return await _answer(service, asked)
    return None


async def _answer(service: Service, asked: SearchRequest) -> BatchItem:
    started = perf_counter()
    try:
        query = await beside(len(asked.image), asked.query, None, service.parts.limits.max_upload_bytes)
        found = await service.searches.let_in(service.parts.search, query, asked.limit, asked.cursor)
    except LookalikeError as error:
        return BatchItem(answer=None, problem=problem_of(error))
    return BatchItem(answer=SearchAnswer.of(found, perf_counter() - started), problem=None)
