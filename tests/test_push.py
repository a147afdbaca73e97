"""WebSub, against a hub on loopback and a real database: asked, verified, signed, renewed, and never needed."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.errors import FailureReason, FetchFailed
from bot.metrics import Metrics
from bot.models import Credentials, Entry, Snapshot, SourceKind
from bot.push import MAX_BODY_BYTES, PATH, REFUSED, TRUST, Answer, Push, PushedSources, Pushes
from bot.push_server import push_routes
from bot.server import build_server
from bot.sources.credentials import bearer
from bot.storage import Storage, open_storage

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FEED, TOPIC, HUB = "https://journal.test/feed", "https://journal.test/feed?self", "https://hub.test/"
NEWS = b"<rss/>"


class Hub:
    """What hubs are sent, and how they answer."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, str]] = []
        self.status = 202

    async def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        assert url == HUB
        self.asked.append(fields)
        if not self.status:
            raise FetchFailed(FailureReason.CONNECTION, url)
        return self.status


class Scene:
    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.now = NOON
        self.hub = Hub()
        self.hastened: list[int] = []
        self.pushes = Pushes(
            storage.pushes, self.hub, self.hasten, public_url="https://bot.test/", now=lambda: self.now
        )

    async def hasten(self, ids: Collection[int]) -> None:
        self.hastened.extend(ids)

    async def follow(self) -> int:
        source = await self.storage.register.add_source(FEED, SourceKind.FEED, title="Journal", now=self.now)
        await self.storage.register.subscribe(source.id, guild_id=1, channel_id=2, created_by=None, now=self.now)
        return source.id

    async def announce(self, hub: str | None = HUB) -> None:
        await self.pushes.heard(FEED, Snapshot(SourceKind.FEED, hub_url=hub, self_url=TOPIC))

    async def push(self) -> Push:
        (push,) = await self.storage.pushes.all()
        return push

    async def promised(self, seconds: int = 864_000) -> Push:
        await self.follow()
        await self.announce()
        await self.pushes.round()
        query = {
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.challenge": "défi",
            "hub.lease_seconds": str(seconds),
        }
        assert await self.pushes.verify((await self.push()).token, query) == "défi"
        return await self.push()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_storage(f"sqlite:///{tmp_path}/a.db", now=lambda: NOON) as storage:
        yield Scene(storage)


def signed(push: Push, body: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}={hmac.new(push.secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()}"


async def stream(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


class TestAsking:
    async def test_a_hub_is_asked_with_a_secret_and_an_address_of_its_own(self, scene: Scene) -> None:
        await scene.follow()
        await scene.announce()
        await scene.announce()
        await scene.pushes.round()
        (asked,) = scene.hub.asked
        push = await scene.push()
        assert asked["hub.callback"] == f"https://bot.test{PATH}{push.token}"
        assert (asked["hub.mode"], asked["hub.topic"], asked["hub.secret"]) == ("subscribe", TOPIC, push.secret)
        assert min(len(push.token), len(push.secret)) >= 40
        assert push.secret not in repr(push)
        assert push.token not in repr(push)
        await scene.pushes.round()
        assert len(scene.hub.asked) == 1

    @pytest.mark.parametrize("status", [0, 404, 500])
    async def test_a_hub_that_does_not_answer_is_asked_again_ever_more_seldom(self, scene: Scene, status: int) -> None:
        await scene.follow()
        await scene.announce()
        scene.hub.status = status
        for _ in range(60):
            await scene.pushes.round()
            scene.now += timedelta(hours=1)
        assert 4 <= len(scene.hub.asked) <= 10

    async def test_a_lease_is_renewed_before_it_ends_and_only_while_followed(self, scene: Scene) -> None:
        push = await scene.promised(seconds=864_000)
        assert push.lease_until == NOON + timedelta(days=10)
        scene.now += timedelta(days=8)
        await scene.pushes.round()
        assert len(scene.hub.asked) == 1
        scene.now += timedelta(days=1, hours=1)
        await scene.pushes.round()
        assert len(scene.hub.asked) == 2
        assert scene.hub.asked[1] == scene.hub.asked[0]
        scene.now += timedelta(days=5)
        await scene.storage.register.unsubscribe(1, 1)
        await scene.pushes.round()
        assert len(scene.hub.asked) == 2

    async def test_another_hub_is_asked_anew_and_none_is_forgotten(self, scene: Scene) -> None:
        first = await scene.promised()
        await scene.pushes.heard(FEED, Snapshot(SourceKind.FEED, hub_url=HUB, self_url=f"{TOPIC}2"))
        second = await scene.push()
        assert second.token != first.token
        assert second.lease_until is None
        await scene.announce(None)
        assert await scene.storage.pushes.all() == []


class TestVerifying:
    @pytest.mark.parametrize(
        "change",
        [
            {"hub.topic": "https://ailleurs.test/"},
            {"hub.mode": "unsubscribe"},
            {"hub.challenge": ""},
            {"hub.challenge": "x" * 5_000},
        ],
    )
    async def test_what_we_did_not_ask_for_is_not_confirmed(self, scene: Scene, change: dict[str, str]) -> None:
        await scene.follow()
        await scene.announce()
        query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "défi"} | change
        assert await scene.pushes.verify((await scene.push()).token, query) is None
        assert await scene.pushes.verify("x" * 43, query) is None
        assert (await scene.push()).lease_until is None

    async def test_a_denial_is_remembered_for_a_day(self, scene: Scene) -> None:
        await scene.follow()
        await scene.announce()
        assert await scene.pushes.verify((await scene.push()).token, {"hub.mode": "denied", "hub.topic": TOPIC}) == ""
        await scene.pushes.round()
        assert scene.hub.asked == []
        scene.now += REFUSED
        await scene.pushes.round()
        assert len(scene.hub.asked) == 1


class TestPushing:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
    async def test_a_signed_push_makes_its_source_due(self, scene: Scene, algorithm: str) -> None:
        push = await scene.promised()
        verdict = await scene.pushes.receive(push.token, signed(push, NEWS, algorithm), stream(NEWS[:3], NEWS[3:]))
        assert verdict.value == 202
        assert scene.hastened == [push.source_id]

    @pytest.mark.parametrize("signature", [None, "", "sha256=00", "md5=" + "0" * 32, "sha256=" + "0" * 64])
    async def test_any_other_push_changes_nothing_and_is_not_told_so(self, scene: Scene, signature: str | None) -> None:
        push = await scene.promised()
        assert (await scene.pushes.receive(push.token, signature, stream(NEWS))).value == 202
        assert (await scene.pushes.receive(push.token, signed(push, b"autre"), stream(NEWS))).value == 202
        assert scene.hastened == []
        assert (await scene.push()).pushed_at is None

    async def test_a_source_that_nobody_follows_any_more_is_gone(self, scene: Scene) -> None:
        push = await scene.promised()
        await scene.storage.register.unsubscribe(1, 1)
        assert (await scene.pushes.receive(push.token, signed(push, NEWS), stream(NEWS))).value == 410
        assert (await scene.pushes.receive("x" * 43, None, stream(NEWS))).value == 404

    async def test_a_body_is_bounded(self, scene: Scene) -> None:
        push = await scene.promised()
        pieces = [b"x" * 1024 * 1024] * (MAX_BODY_BYTES // 1024 // 1024 + 1)
        assert (await scene.pushes.receive(push.token, None, stream(*pieces))).value == 413


class Reader:
    """Answers what it is told to."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self.answer = Answer(snapshot, '"1"', None, 60, None)

    async def read(self, url: str, kind: SourceKind, **_: Any) -> Answer:
        return self.answer

    async def complete(self, entries: Any) -> Any:
        return entries


class TestPolling:
    async def age(self, scene: Scene, reader: Reader, credentials: Credentials | None = None) -> int | None:
        sources = PushedSources(reader, scene.pushes)
        got = await sources.read(FEED, SourceKind.FEED, etag=None, last_modified=None, credentials=credentials)
        return got.max_age_seconds

    async def test_it_slows_down_while_pushes_come_and_resumes_when_they_stop(self, scene: Scene) -> None:
        push = await scene.promised()
        reader = Reader(Snapshot(SourceKind.FEED, hub_url=HUB, self_url=TOPIC))
        await scene.pushes.round()
        assert await self.age(scene, reader) == 60
        await scene.pushes.receive(push.token, signed(push, NEWS), stream(NEWS))
        assert await self.age(scene, reader) == 3_600
        unchanged = Reader(None)
        assert await self.age(scene, unchanged) == 3_600
        scene.now += TRUST
        assert await self.age(scene, reader) == 60

    async def test_a_private_feed_is_no_hubs_to_know(self, scene: Scene) -> None:
        await scene.follow()
        reader = Reader(Snapshot(SourceKind.FEED, hub_url=HUB, entries=(Entry("1"),)))
        assert await self.age(scene, reader, bearer("secret")) == 60
        assert await scene.storage.pushes.all() == []


@asynccontextmanager
async def door(scene: Scene) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async def health() -> dict[str, bool]:
        return {}

    server = TestServer(build_server(health, Metrics().registry, push_routes(scene.pushes)))
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        yield session, str(server.make_url(PATH))
    await server.close()


async def test_the_door_for_hubs(scene: Scene) -> None:
    push = await scene.promised()
    async with door(scene) as (session, url):
        query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "<b>défi</b>"}
        async with session.get(url + push.token, params=query) as answer:
            assert (answer.status, await answer.text()) == (200, "<b>défi</b>")
            assert answer.content_type == "text/plain"
        headers = {"X-Hub-Signature": signed(push, NEWS)}
        async with session.post(url + push.token, data=NEWS, headers=headers) as answer:
            assert answer.status == 202
        assert scene.hastened == [push.source_id]
        for path in ("x", "x" * 43, "../health"):
            async with session.post(url + path, data=NEWS) as answer:
                assert answer.status in (404, 405)
        too_long = {"Content-Length": str(MAX_BODY_BYTES + 1)}
        async with session.post(url + push.token, data=stream(b"x"), headers=too_long) as answer:
            assert answer.status == 413
    assert replace(push) == push
