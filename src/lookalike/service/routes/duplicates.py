"""Which pictures are there more than once, and what becomes of the spare ones?"""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query

from lookalike.errors import Conflict
from lookalike.service import jobs
from lookalike.service.access import READ, WRITE, CallerNeeded
from lookalike.service.access.scopes import Caller, refuse_unless
from lookalike.service.asking.json_bodies import describe_json, reading
from lookalike.service.duplicates.paged_groups import page_of_groups
from lookalike.service.duplicates.plans import describe_plan, make_plan, name_of
from lookalike.service.jobs import JobKind
from lookalike.service.jobs.duplicates import act_on_spares, forget_spares, may_undo, protected_folders, take_back
from lookalike.service.needs import Service, ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.schemas import MAX_LIMIT, ApplyRequest, Deed, DuplicatePage, Job, Plan, PlanRequest
from lookalike.types import Tier

router = APIRouter(prefix="/v1/duplicates", tags=["duplicates"])

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many groups to give.", examples=[50])]
Cursor = Annotated[str, Query(max_length=15, pattern=r"^[0-9]*$", description="From the page before.", examples=[""])]

OfTier = Annotated[Tier | None, Query(description="Groups of this tier only.", examples=["identical"])]
Doer = Annotated[
    str,
    Query(
        pattern=r"^([0-9a-f]{16})?$",
        description="The job that did what is to be taken back; all that was ever done where this is empty.",
        examples=["5f2c9e1a7b3d4c60"],
    ),
]


@router.get("", dependencies=[READ], summary="Duplicates", responses=problem_docs(400, 404, 503))
async def groups(
    service: ServiceNeeded, caller: CallerNeeded, limit: Limit = 50, cursor: Cursor = "", tier: OfTier = None
) -> DuplicatePage:
    """List the groups that were found last, the best pictures first.

    Groups of which fewer than two pictures are left, or not the one to keep, are passed over.
    """
    return await service.listings.run(_page, service, caller, limit, int(cursor or 0), tier)


@router.post(
    "/plan",
    dependencies=[WRITE],
    summary="See what would be done",
    responses=problem_docs(400, 403, 404, 413, 415),
    openapi_extra=describe_json(PlanRequest),
)
async def plan(asked: Annotated[PlanRequest, Depends(reading(PlanRequest))], service: ServiceNeeded) -> Plan:
    """Say what would be done with spare pictures; nothing is touched. Send its `plan` to apply to have it done."""
    return await run_sync(_plan, asked, service, limiter=service.planning)


@router.post(
    "/apply",
    dependencies=[WRITE],
    summary="Do what was planned",
    status_code=202,
    responses=problem_docs(400, 403, 404, 409, 413, 415, 503),
    openapi_extra=describe_json(ApplyRequest),
)
async def apply(
    asked: Annotated[ApplyRequest, Depends(reading(ApplyRequest))], service: ServiceNeeded, caller: CallerNeeded
) -> Job:
    """Carry a plan out, if it is still the one that was seen, in the background.

    A plan that is being carried out already is not begun again: the answer is the job that does it.

    To move, delete or link files takes the scope admin. Each is looked at once more before it is touched, and written
    down so that it can be undone.
    """
    return Job.of(await run_sync(_apply, asked, service, caller, limiter=service.planning))


@router.post(
    "/undo",
    dependencies=[WRITE],
    summary="Undo",
    status_code=202,
    responses=problem_docs(400, 403, 404, 409, 503),
)
async def undo(service: ServiceNeeded, job: Doer = "") -> Job:
    """Take back what one job did about duplicates, or all of them, in the background.

    The last is taken back first, and nothing is overwritten.

    Pictures that were forgotten come back if that was within the hour.
    """
    return Job.of(await run_sync(_undo, service, job, limiter=service.planning))


def _page(service: Service, caller: Caller, limit: int, after: int, tier: Tier | None) -> DuplicatePage:
    undoable = caller.may("write") and may_undo(service.parts, service.trash)
    return page_of_groups(service.parts, service.groups, after, limit, tier, may_undo=undoable)


def _plan(asked: PlanRequest, service: Service) -> Plan:
    return describe_plan(
        make_plan(service.parts, service.groups, asked, protected_folders(service.parts, asked.protect)), asked
    )


def _apply(asked: ApplyRequest, service: Service, caller: Caller) -> jobs.Job:
    refuse_unless(caller, "write" if asked.action is Deed.FORGET else "admin")
    if (doing := service.jobs.under_way(asked.plan)) is not None:
        return doing
    planned = make_plan(service.parts, service.groups, asked, protected_folders(service.parts, asked.protect))
    if name_of(planned, asked) != asked.plan:
        raise Conflict("This is not the plan that was seen: pictures or groups have changed.", "Plan again, and look.")
    if asked.action is Deed.FORGET:
        work = forget_spares(service.parts, service.trash, planned)
    else:
        work = act_on_spares(service.parts, service.trash, planned)
    return service.jobs.submit(JobKind.APPLY, f"{asked.action} {len(planned)}", work, name=asked.plan)


def _undo(service: Service, doer: str) -> jobs.Job:
    if any(one.id == doer and not one.state.is_over for one in service.jobs):
        raise Conflict(f"The job {doer!r} is still at it.", "Cancel it first, or wait until it is done.")
    work = take_back(service.parts, service.trash, service.jobs, doer)
    return service.jobs.submit(JobKind.UNDO, "duplicates", work)
