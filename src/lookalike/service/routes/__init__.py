"""What can be asked over HTTP? One module a subject; each handler parses, makes one call, and gives a schema."""

from fastapi import APIRouter

from lookalike.service.routes import evidence, images, pages, search, status, uploading

ROUTERS: tuple[APIRouter, ...] = (
    search.router,
    images.router,
    evidence.router,
    uploading.router,
    status.router,
    pages.router,
)
