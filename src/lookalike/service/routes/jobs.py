"""What works in the background, how far is it, and how is it stopped?"""

from pathlib import Path as FilePath
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import StreamingResponse

from lookalike.service import jobs
from lookalike.service.access import READ, WRITE, CallerNeeded, refuse_unless
from lookalike.service.asking.json_bodies import describe_json, reading
from lookalike.service.jobs import JobKind
from lookalike.service.jobs.captioning import caption_gallery
from lookalike.service.jobs.duplicates import look_for_groups
from lookalike.service.jobs.indexing import index_path
from lookalike.service.jobs.reencoding import change_encoder
from lookalike.service.jobs.watching import watch
from lookalike.service.needs import Service, ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.roots import Roots
from lookalike.service.schemas import CaptionRequest, IndexRequest, Job, JobList, JobRequest, ReencodeRequest
from lookalike.uris import shown_path

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

Id = Annotated[str, Path(alias="id", max_length=64, description="The job's id.", examples=["5f2c9e1a7b3d4c60"])]
LastEvent = Annotated[
    str,
    Header(
        alias="Last-Event-ID",
        max_length=20,
        description="The id of the last event that was received.",
        examples=["41"],
    ),
]

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events, as they happen"}
}


@router.post(
    "",
    dependencies=[WRITE],
    summary="Start a job",
    status_code=202,
    responses=problem_docs(400, 403, 404, 413, 415, 503),
    openapi_extra=describe_json(JobRequest),
)
async def start(
    asked: Annotated[JobRequest, Depends(reading(JobRequest))], service: ServiceNeeded, caller: CallerNeeded
) -> Job:
    """Index a file or folder, caption pictures again, change the encoder, or look for duplicates, in the background.

    Folders are indexed only below those that the setting `index_roots` names, or that were given to `lookalike serve`.
    To change the encoder takes the scope `admin`; the old one answers until every picture is encoded.
    """
    if isinstance(asked.root, ReencodeRequest):
        refuse_unless(caller, "admin")
    return Job.of(await run_sync(_start, asked, service, limiter=service.planning))


@router.get("", dependencies=[READ], summary="Jobs", responses=problem_docs())
async def listing(service: ServiceNeeded) -> JobList:
    """List what works, waits, or was done since the service began, newest first."""
    return JobList.of(service.jobs)


@router.get("/{id}", dependencies=[READ], summary="One job", responses=problem_docs(404))
async def job(id_: Id, service: ServiceNeeded) -> Job:
    """Tell how far a job is."""
    return Job.of(service.jobs.get(id_))


@router.get(
    "/{id}/events",
    dependencies=[READ],
    summary="Watch a job",
    response_class=StreamingResponse,
    responses=_EVENTS | problem_docs(404, 503),
)
async def events(id_: Id, service: ServiceNeeded, last_event: LastEvent = "") -> StreamingResponse:
    """Follow a job as server-sent events: `progress` and `done`, which hold the job, and `outcome` of one thing.

    The stream ends after `done`. Whoever comes back with Last-Event-ID gets what happened meanwhile, at most the last
    500 events. A comment comes every 15 s where nothing else does.
    """
    return watch(service.jobs, service.jobs.get(id_), last_event)


@router.delete("/{id}", dependencies=[WRITE], summary="Cancel a job", status_code=202, responses=problem_docs(404))
async def cancel(id_: Id, service: ServiceNeeded) -> Job:
    """Ask a job to stop. What it has done stays done; one that is over stays as it is."""
    return Job.of(service.jobs.cancel(id_))


def _start(asked: JobRequest, service: Service) -> jobs.Job:
    wanted = asked.root
    if isinstance(wanted, IndexRequest):
        path: FilePath = Roots(service.parts.index_roots).allowed(wanted.path)
        return service.jobs.submit(JobKind.INDEX, shown_path(path), index_path(service.parts, path))
    if isinstance(wanted, CaptionRequest):
        work = caption_gallery(service.parts, wanted.where, anew=wanted.anew)
        return service.jobs.submit(JobKind.CAPTION, wanted.where, work)
    if isinstance(wanted, ReencodeRequest):
        work = change_encoder(service.parts, wanted)
        return service.jobs.submit(JobKind.REENCODE, wanted.encoder, work)
    work = look_for_groups(service.parts, service.groups, wanted)
    return service.jobs.submit(JobKind.DUPLICATES, f"{wanted.tier} {wanted.where}".strip(), work)
