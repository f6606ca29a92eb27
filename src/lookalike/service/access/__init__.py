"""Who may do what here? Each route says what its caller must be allowed to do, and the gate holds everybody to it.

A route declares it where it is written, and a test fails for one that does not:

    @router.get("/v1/images", dependencies=[READ])      search, browse, look at pictures
    @router.post("/v1/images", dependencies=[WRITE])    upload, edit, delete, index
    @router.get("/v1/blocks", dependencies=[ADMIN])     what decides over everybody's pictures, or shows how it runs
    @router.get("/healthz", dependencies=[OPEN])        nothing of the gallery: needs no login

`APIRouter(dependencies=[READ])` says it for all its routes at once, of which one may ask for more: `WRITE`. The wider
scope holds the narrower: admin may write, and who may write may read. The gate asks before a byte of the body is read,
and with a login it knows no path that is not declared. A handler that wants to know who asks takes
`caller: CallerNeeded`; `caller.may("admin")` tells whether they may do more than the route takes.
"""

from lookalike.service.access.door import Access
from lookalike.service.access.scopes import ADMIN, OPEN, READ, WRITE, Caller, CallerNeeded, Needs, refuse_unless

__all__ = ["ADMIN", "OPEN", "READ", "WRITE", "Access", "Caller", "CallerNeeded", "Needs", "refuse_unless"]
