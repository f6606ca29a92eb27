"""What can be asked over HTTP? One module a subject; each handler parses, makes one call, and gives a schema."""

from fastapi import APIRouter

from lookalike.service.routes import (
    blocks,
    comparing,
    compatibility,
    describing,
    duplicates,
    evidence,
    exporting,
    failures,
    images,
    jobs,
    metrics,
    pages,
    search,
    session,
    status,
    uploading,
)

ROUTERS: tuple[APIRouter, ...] = (
    search.router,
    images.router,
    images.counting,
    evidence.router,
    comparing.router,
    uploading.router,
    describing.router,
    jobs.router,
    duplicates.router,
    failures.router,
    blocks.router,
    exporting.router,
    compatibility.router,
    status.router,
    session.router,
    metrics.router,
    pages.router,
)
