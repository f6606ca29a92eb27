"""Is a write that is sent twice done once, and answered twice?"""

import asyncio
from dataclasses import replace

import pytest

from lookalike.keys import KeyFile
from lookalike.service.access import Access
from lookalike.service.ledger import Ledger
from lookalike.service.passage.replays import Replay, Replays
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.slow


def send(client, key: str = "a", content: bytes = b"", **more):
    files = {"image": ("a.jpg", content or picture_bytes(1))}
    return client.post("/v1/images", files=files, headers={"idempotency-key": key}, **more)


def test_the_same_upload_gets_the_same_answer_though_its_boundary_is_another(empty):
    first, second = send(empty), send(empty)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert second.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert send(empty, "b").status_code == 200, "another key does the work, which finds it done"


def test_another_request_under_the_same_key_is_refused(empty, problem):
    send(empty)
    problem(send(empty, content=picture_bytes(2)), 422, says="another request")
    problem(empty.post("/v1/failures/retry", headers={"idempotency-key": "a"}), 422)
    assert empty.get("/v1/info").json()["images"] == 1


def test_a_job_is_started_once(empty):
    key = {"idempotency-key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first = empty.post("/v1/failures/retry", headers=key)
    again = empty.post("/v1/failures/retry", headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(empty.get("/v1/jobs").json()["jobs"]) == 1


@pytest.mark.parametrize("body", [lambda: {"json": {}}, lambda: {"content": iter([b"in ", b"pieces"])}])
def test_a_job_is_started_once_though_a_body_comes_along_that_its_route_does_not_ask_for(empty, body, problem):
    first, again = (empty.post("/v1/failures/retry", headers={"idempotency-key": "a"}, **body()) for _ in range(2))
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert len(empty.get("/v1/jobs").json()["jobs"]) == 1
    other = empty.post("/v1/failures/retry", headers={"idempotency-key": "a"}, json={"other": True})
    problem(other, 422, says="another request")


def test_what_was_deleted_once_is_told_so_again(client, problem):
    (image,) = client.get("/v1/images?limit=1").json()["images"]
    for _ in range(2):
        assert client.delete(f"/v1/images/{image['id']}", headers={"idempotency-key": "gone"}).status_code == 204
    problem(client.delete(f"/v1/images/{image['id']}"), 404)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\x7f"])
def test_a_key_that_is_none_is_refused(empty, key, problem):
    problem(send(empty, key), 400, says="Idempotency-Key")


def test_a_key_means_nothing_where_nothing_is_written(client):
    for text in ("dog", "cat"):
        assert client.post("/v1/search", json={"text": text}, headers={"idempotency-key": "a"}).status_code == 200


def test_an_answer_that_the_service_could_not_give_is_not_kept(parts_over, calling):
    from lookalike.errors import GalleryError
    from lookalike.testing import MemoryGallery

    class FullGallery(MemoryGallery):
        full = True

        def put(self, *given, **more) -> None:
            if self.full:
                raise GalleryError("The disk is full.")
            super().put(*given, **more)

    gallery = FullGallery()
    with calling(parts_over(gallery)) as client:
        assert send(client).status_code == 500
        gallery.full = False
        assert send(client).status_code == 201


def test_answers_outlive_a_restart(parts, calling, tmp_path):
    with Ledger(tmp_path / "ledger") as ledger, calling(replace(parts, ledger=ledger)) as client:
        first = send(client)
    with Ledger(tmp_path / "ledger") as ledger, calling(replace(parts, ledger=ledger)) as client:
        assert send(client).content == first.content
        assert send(client).headers["idempotency-replayed"] == "true"


def test_a_job_that_died_with_the_service_is_started_anew_when_it_is_asked_for_again(parts, calling, tmp_path):
    started = []
    for _ in range(2):
        with Ledger(tmp_path / "ledger") as ledger, calling(replace(parts, ledger=ledger)) as client:
            for _ in range(2):
                answer = client.post("/v1/failures/retry", headers={"idempotency-key": "a"})
                assert client.get(f"/v1/jobs/{answer.json()['id']}").status_code == 200
                started.append(answer.json()["id"])
    assert started[0] == started[1] != started[2] == started[3]


def test_where_nothing_can_be_kept_what_was_done_is_answered_all_the_same(parts, calling, tmp_path):
    with Ledger(tmp_path / "ledger") as ledger, calling(replace(parts, ledger=ledger)) as client:
        with ledger.transaction() as connection:
            connection.pragma("query_only", 1)  # as on a full disk
        assert send(client).status_code == 201
        assert send(client).status_code == 200, "it is done again, which changes nothing"


def test_where_nothing_that_was_kept_can_be_read_nothing_is_done_and_it_is_said_what_to_do(parts, calling, problem):
    with Ledger() as ledger, calling(replace(parts, ledger=ledger), raise_server_exceptions=False) as client:
        with ledger.transaction() as connection:
            connection.execute("ALTER TABLE replays RENAME TO gone")
        assert "move it away" in problem(send(client), 500)["fix"]
        assert client.get("/v1/info").json()["images"] == 0
        with ledger.transaction() as connection:
            connection.execute("ALTER TABLE gone RENAME TO replays")
        assert send(client).status_code == 201, "it may be sent again"


def test_old_answers_are_let_go_of(monkeypatch):
    monkeypatch.setattr("lookalike.service.passage.replays._MOST", 3)
    replays = Replays(Ledger())
    for number in range(5):
        replays.put(str(number), Replay(request="", status=200, headers=[], body=b"x"))
    assert [replays.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]
    monkeypatch.setattr("lookalike.service.passage.replays._KEEP_S", 0)
    assert replays.get("4") is None


def test_an_answer_that_is_too_long_to_keep_is_not_kept(empty, monkeypatch):
    send(empty, "first")
    length = len(send(empty, "second").content)
    for most, is_kept in ((length, True), (length - 1, False)):
        monkeypatch.setattr("lookalike.service.passage.replaying.MAX_ANSWER_BYTES", most)
        first, again = (send(empty, f"at-most-{most}") for _ in range(2))
        assert len(first.content) == length
        assert ("idempotency-replayed" in again.headers) is is_kept


def test_two_callers_who_hit_upon_the_same_key_get_an_answer_each(parts, calling, tmp_path):
    file = KeyFile(tmp_path / "keys")
    callers = [{"authorization": f"Bearer {file.add(name, 'write')[1]}"} for name in ("anna", "ben")]
    with calling(replace(parts, access=Access(keys=tmp_path / "keys"))) as client:
        headers = [{"idempotency-key": "a", **caller} for caller in (*callers, *callers)]
        ids = [client.post("/v1/failures/retry", headers=one).json()["id"] for one in headers]
    assert ids[0] != ids[1]
    assert ids[2:] == ids[:2]


def test_a_body_that_is_sent_again_has_the_limits_of_the_first(parts):
    from lookalike.service.access.rules import RULE, Rule
    from lookalike.service.passage.replaying import Replaying

    statuses, read = [], 0

    async def app(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async def call(replaying, pieces: int) -> None:
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", RULE: Rule("/", "write")}
        scope["headers"] = [(b"idempotency-key", b"a"), (b"transfer-encoding", b"chunked")]

        async def receive():
            nonlocal pieces, read
            pieces, read = pieces - 1, read + 100
            return {"type": "http.request", "body": b"x" * 100, "more_body": pieces > 0}

        async def send(message):
            statuses.extend([message["status"]] if "status" in message else [])

        await replaying(scope, receive, send)

    async def twice() -> None:
        replaying = Replaying(app, Replays(Ledger()), max_bytes=1_000, max_silence_s=30)
        await call(replaying, 1)
        await call(replaying, 10_000)

    asyncio.run(twice())
    assert statuses == [200, 422]
    assert read < 2_000


def test_while_the_first_is_under_way_the_second_is_told_to_wait(parts):
    from lookalike.service.access.rules import RULE, Rule
    from lookalike.service.passage.replaying import Replaying

    go, answers = asyncio.Event(), []

    async def app(scope, receive, send):
        await receive()
        await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async def call(replaying) -> int:
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", RULE: Rule("/", "write")}
        scope["headers"] = [(b"idempotency-key", b"a"), (b"content-length", b"1")]
        told = []

        async def receive():
            return {"type": "http.request", "body": b"x", "more_body": False}

        async def send(message):
            told.append(message)

        await replaying(scope, receive, send)
        return told[0]["status"]

    async def both() -> None:
        replaying = Replaying(app, Replays(Ledger()), max_bytes=1_000, max_silence_s=30)
        first = asyncio.create_task(call(replaying))
        await asyncio.sleep(0.05)
        answers.append(await call(replaying))
        go.set()
        answers.extend([await first, await call(replaying)])

    asyncio.run(both())
    assert answers == [409, 200, 200]
