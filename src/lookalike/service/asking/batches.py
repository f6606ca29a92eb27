"""How are several queries answered at once? Each for itself: one that cannot be answered does not fail the others."""

from time import perf_counter

from pydantic import BaseModel, ConfigDict, Field

from lookalike.errors import LookalikeError
from lookalike.service.asking.queries import SearchRequest
from lookalike.service.asking.reading import beside
from lookalike.service.needs import Service
from lookalike.service.problems import Problem, problem_of
from lookalike.service.schemas import SearchAnswer

MAX_QUERIES = 20


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
    """Answer queries one after the other, so that one caller does not take all the turns."""
    return BatchAnswer(answers=[await _answer(service, one) for one in asked.queries])


async def _answer(service: Service, asked: SearchRequest) -> BatchItem:
    started = perf_counter()
    try:
        query = await beside(len(asked.image), asked.query, None, service.parts.limits.max_upload_bytes)
        found = await service.searches.let_in(service.parts.search, query, asked.limit, asked.cursor)
    except LookalikeError as error:
        return BatchItem(answer=None, problem=problem_of(error))
    return BatchItem(answer=SearchAnswer.of(found, perf_counter() - started), problem=None)
