"""Sources as the rest of the program sees them: addresses in, entries out, against a real server and a real disk."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import AddressRefused, FailureReason, FetchFailed, NotReadable, SourceError
from bot.models import BodyFormat, Entry, SourceKind
from bot.offload import Offload
from bot.sources import reader as reader_module
from bot.sources.fetcher import Fetcher, Limits
from bot.sources.reader import SourceReader
from tests.sources.conftest import Serve
from tests.sources.samples import FRAGMENT, PARAGRAPHS, page, sample, words

SITE = {
    "/feed.xml": ("application/rss+xml", sample("rss2.xml")),
    "/atom.xml": ("text/plain", sample("atom.xml")),
    "/rdf": ("text/html", sample("rdf.xml")),
    "/feed.json": ("application/octet-stream", sample("feed.json")),
    "/robots": ("text/html", page().replace(b'https://example.org/robots"', b'/robots"')),
    "/plain": ("text/html", f"<html><head><title>Seule</title></head><body>{FRAGMENT}</body></html>".encode()),
    "/links": ("text/html", b"<html><body><ul><li><a href=/1>Un</a><li><a href=/2>Deux</a></ul></body></html>"),
    "/picture": ("image/png", b"\x89PNG\r\n\x1a\n"),
}


def site(pages: dict[str, tuple[str, bytes]] = SITE) -> Callable[[web.Request], object]:
    async def answer(request: web.Request) -> web.Response:
        if request.path not in pages:
            return web.Response(status=404)
        kind, body = pages[request.path]
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        headers = {"ETag": '"1"', "Cache-Control": "max-age=60", "Content-Type": kind}
        return web.Response(body=body, headers=headers)

    return answer


@asynccontextmanager
async def reading(
    *, allow_folders: bool = True, allow_private: bool = True, complete_seconds: float = 60
) -> AsyncIterator[SourceReader]:
    limits = Limits(connect_seconds=1, read_seconds=1, total_seconds=3)
    async with Offload() as offload, Fetcher(user_agent="test", allow_private=allow_private, limits=limits) as fetcher:
        yield SourceReader(fetcher, offload, allow_folders=allow_folders, complete_seconds=complete_seconds)


class TestRead:
    @pytest.mark.parametrize(("path", "entries"), [("feed.xml", 2), ("atom.xml", 2), ("rdf", 1), ("feed.json", 3)])
    async def test_every_format_under_any_label(self, serve: Serve, path: str, entries: int) -> None:
        url = await serve(site())
        async with reading() as reader:
            got = await reader.read(url + path, SourceKind.FEED)
        assert got.snapshot is not None
        assert len(got.snapshot.entries) == entries
        assert (got.etag, got.max_age_seconds) == ('"1"', 60)

    async def test_an_unchanged_source_keeps_its_validators(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            got = await reader.read(f"{url}feed.xml", SourceKind.FEED, etag='"1"', last_modified="then")
        assert got.snapshot is None
        assert (got.etag, got.last_modified) == ('"1"', "then")

    async def test_validators_of_a_document_that_was_cut_off_are_not_kept(self, serve: Serve) -> None:
        """They are the whole document's: it would be "not modified" while we have half of it."""
        url = await serve(site({"/": ("text/xml", sample("rss2.xml")[:-200])}))
        async with reading() as reader:
            retrieved = await reader.read(url, SourceKind.FEED)
        assert retrieved.snapshot is not None
        assert retrieved.snapshot.cut
        assert retrieved.etag is None

    async def test_a_page_is_one_entry(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            got = await reader.read(f"{url}robots", SourceKind.PAGE)
        assert got.snapshot is not None
        (entry,) = got.snapshot.entries
        assert words(entry.body) == PARAGRAPHS

    async def test_a_page_where_a_feed_was_is_a_failure(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            for path in ("robots", "picture"):
                with pytest.raises(NotReadable) as caught:
                    await reader.read(url + path, SourceKind.FEED)
                assert caught.value.reason is FailureReason.NOT_A_FEED

    async def test_a_large_feed_is_read_in_the_worker(self, serve: Serve) -> None:
        items = "".join(f"<item><guid>{n}</guid><description>{'x' * 500}</description></item>" for n in range(1_000))
        url = await serve(site({"/big": ("text/xml", f"<rss><channel>{items}</channel></rss>".encode())}))
        async with reading() as reader:
            got = await reader.read(f"{url}big", SourceKind.FEED)
        assert got.snapshot is not None
        assert len(got.snapshot.entries) == 1_000

    async def test_a_document_that_takes_too_long_is_given_up(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reader_module, "PARSE_SECONDS", 0.2)
        monkeypatch.setattr(reader_module, "HEAVY_BYTES", 0)
        monkeypatch.setattr(reader_module, "parse_feed", sleep_long)
        url = await serve(site())
        async with reading() as reader:
            with pytest.raises(NotReadable) as caught:
                await reader.read(f"{url}feed.xml", SourceKind.FEED)
        assert caught.value.reason is FailureReason.TOO_SLOW_TO_READ

    async def test_folders_are_read_where_they_are_allowed(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Bonjour")
        async with reading() as reader:
            for address in (str(tmp_path), tmp_path.as_uri()):
                got = await reader.read(address, SourceKind.FOLDER)
                assert got.snapshot is not None
                assert [entry.body for entry in got.snapshot.entries] == ["Bonjour"]
        async with reading(allow_folders=False) as reader:
            with pytest.raises(NotReadable) as caught:
                await reader.read(str(tmp_path), SourceKind.FOLDER)
        assert caught.value.reason is FailureReason.NO_FOLDER


class TestProbe:
    async def test_a_feed_is_followed_as_it_is(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            probe = await reader.probe(f" <{url}feed.xml> ")
        assert (probe.url, probe.kind) == (f"{url}feed.xml", SourceKind.FEED)
        assert probe.retrieved.snapshot is not None
        assert probe.retrieved.snapshot.title == "Le Casse-tête & Cie"
        assert probe.retrieved.etag == '"1"'

    async def test_a_page_leads_to_the_first_feed_it_announces(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            probe = await reader.probe(f"{url}robots")
        assert (probe.url, probe.kind) == (f"{url}feed.xml", SourceKind.FEED)
        assert [other.url for other in probe.alternatives] == [f"{url}atom.xml", f"{url}robots/comments/feed"]

    async def test_a_dead_announcement_is_passed_over(self, serve: Serve) -> None:
        pages = {path: content for path, content in SITE.items() if path != "/feed.xml"}
        url = await serve(site(pages))
        async with reading() as reader:
            assert (await reader.probe(f"{url}robots")).url == f"{url}atom.xml"

    async def test_an_article_without_feed_is_followed_as_a_page(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            probe = await reader.probe(f"{url}plain")
        assert (probe.url, probe.kind) == (f"{url}plain", SourceKind.PAGE)
        assert probe.retrieved.snapshot is not None
        assert words(probe.retrieved.snapshot.entries[0].body) == PARAGRAPHS

    async def test_a_site_that_moved_is_followed_where_it_went(self, serve: Serve) -> None:
        async def answer(request: web.Request) -> web.Response:
            if request.path == "/new":
                return web.Response(body=sample("rss2.xml"))
            return web.Response(status=308, headers={"Location": "/new"})

        url = await serve(answer)
        async with reading() as reader:
            probe = await reader.probe(f"{url}old")
        assert probe.url == probe.retrieved.moved_to == f"{url}new"

    async def test_without_a_scheme_http_is_tried_after_https(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            probe = await reader.probe(f"{url.removeprefix('http://')}feed.xml")
        assert probe.url == f"{url}feed.xml"

    @pytest.mark.parametrize(
        ("path", "kind", "reason"),
        [
            ("links", NotReadable, FailureReason.NOT_A_FEED),
            ("picture", NotReadable, FailureReason.NOT_A_FEED),
            ("missing", FetchFailed, FailureReason.NOT_FOUND),
        ],
    )
    async def test_everything_else_says_why_not(
        self, serve: Serve, path: str, kind: type[SourceError], reason: FailureReason
    ) -> None:
        url = await serve(site())
        async with reading() as reader:
            with pytest.raises(kind) as caught:
                await reader.probe(url + path)
        assert caught.value.reason is reason

    async def test_folders_are_the_operators_privilege(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Bonjour")
        async with reading(allow_folders=False) as reader:
            for address in (str(tmp_path), tmp_path.as_uri(), "file:///etc"):
                with pytest.raises(SourceError):
                    await reader.probe(address)
        async with reading() as reader:
            probe = await reader.probe(tmp_path.as_uri())
        assert (probe.url, probe.kind) == (str(tmp_path), SourceKind.FOLDER)

    async def test_private_addresses_are_refused(self) -> None:
        async with reading(allow_private=False) as reader:
            with pytest.raises(AddressRefused):
                await reader.probe("http://127.0.0.1:1/feed")


class TestComplete:
    async def test_a_teaser_gets_the_text_of_its_page(self, serve: Serve) -> None:
        url = await serve(site())
        teaser = Entry(
            "1", "Le titre du fil", f"{url}robots", body="Un résumé…", body_format=BodyFormat.TEXT, teaser=True
        )
        async with reading() as reader:
            (entry,) = await reader.complete([teaser])
        assert words(entry.body) == PARAGRAPHS
        assert (entry.identity, entry.title, entry.author) == ("1", "Le titre du fil", "Maude Tessier")
        assert (entry.body_format, entry.teaser) == (BodyFormat.HTML, False)
        assert entry.image is not None
        assert entry.url == teaser.url

    async def test_what_is_whole_or_has_no_page_is_left_alone(self, serve: Serve) -> None:
        hits: list[str] = []

        async def answer(request: web.Request) -> web.Response:
            hits.append(request.path)
            return web.Response(text="x")

        url = await serve(answer)
        entries = [Entry("1", url=f"{url}1", body="whole"), Entry("2", body="no page", teaser=True)]
        async with reading() as reader:
            assert list(await reader.complete(entries)) == entries
        assert hits == []

    @pytest.mark.parametrize("path", ["missing", "links", "picture"])
    async def test_a_page_that_fails_leaves_the_teaser(self, serve: Serve, path: str) -> None:
        url = await serve(site())
        teaser = Entry("1", "Titre", url + path, body="Un résumé assez long pour compter…", teaser=True)
        async with reading() as reader:
            assert list(await reader.complete([teaser])) == [teaser]

    async def test_a_consent_wall_is_not_taken_for_the_article(self, serve: Serve) -> None:
        wall = "<p>We value your privacy and use cookies to improve every visit, as our many partners do.</p>" * 9
        url = await serve(site({"/wall": ("text/html", wall.encode())}))
        summary = "Une coopérative du Bas-Saint-Laurent essaie des moissonneurs autonomes"
        teaser = Entry("1", "Des robots dans l’avoine", f"{url}wall", body=summary, teaser=True)
        async with reading() as reader:
            assert list(await reader.complete([teaser])) == [teaser]

    async def test_the_text_never_becomes_shorter(self, serve: Serve) -> None:
        url = await serve(site())
        teaser = Entry("1", "Titre", f"{url}plain", body="robots avoine " * 2_000, teaser=True)
        async with reading() as reader:
            (entry,) = await reader.complete([teaser])
        assert entry.body == teaser.body

    async def test_order_is_kept_and_hosts_are_spared(self, serve: Serve) -> None:
        running = most = 0

        async def answer(request: web.Request) -> web.Response:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            body = FRAGMENT.replace("Maude", request.path)
            return web.Response(text=body, content_type="text/html")

        url = await serve(answer)
        entries = [Entry(str(n), url=f"{url}{n}", teaser=True) for n in range(6)]
        async with reading() as reader:
            completed = await reader.complete(entries)
        assert [words(entry.body)[0] for entry in completed] == [f"/{n} Tessier" for n in range(6)]
        assert most <= reader_module.PAGES_PER_HOST

    async def test_a_slow_site_keeps_nobody_waiting_for_ever(self, serve: Serve) -> None:
        async def answer(request: web.Request) -> web.Response:
            if request.path in ("/0", "/1"):
                await asyncio.sleep(60)
            return web.Response(text=FRAGMENT, content_type="text/html")

        url = await serve(answer)
        entries = [Entry(str(n), url=f"{url}{n}", body="Un résumé…", teaser=True) for n in range(3)]
        async with reading(complete_seconds=0.5) as reader:
            completed = await reader.complete(entries)
        assert [entry.teaser for entry in completed] == [True, True, False]


class TestOpen:
    async def test_files_folders_feeds_and_pages(
        self, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "a.txt").write_text("\n".join(PARAGRAPHS), encoding="utf-8")
        url = await serve(site())
        monkeypatch.chdir(tmp_path)
        async with reading() as reader:
            for wanted in (
                "a.txt",
                "./a.txt",
                str(tmp_path / "a.txt"),
                (tmp_path / "a.txt").as_uri(),
                str(tmp_path),
                ".",
            ):
                (entry,) = await reader.open(wanted)
                assert entry.body.split("\n") == PARAGRAPHS
            assert len(await reader.open(f"{url}feed.json")) == 3
            (entry,) = await reader.open(f"{url}robots")
            assert words(entry.body) == PARAGRAPHS

    @pytest.mark.parametrize(("name", "entries"), [("rss2.xml", 2), ("atom.xml", 2), ("rdf.xml", 1), ("feed.json", 3)])
    async def test_a_feed_that_somebody_saved(self, name: str, entries: int, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(sample(name))
        async with reading() as reader:
            assert len(await reader.open(str(tmp_path / name))) == entries

    async def test_teasers_of_a_feed_are_completed(self, serve: Serve) -> None:
        feed = b"<rss><channel><item><link>/robots</link><description>Court...</description></item></channel></rss>"
        url = await serve(site({**SITE, "/teasers": ("text/xml", feed)}))
        async with reading() as reader:
            (entry,) = await reader.open(f"{url}teasers")
        assert words(entry.body) == PARAGRAPHS

    @pytest.mark.parametrize(
        "wanted",
        ["missing", "missing.md", "./missing.txt", "/missing/file.txt", "file:///missing", "/" + "a" * 300 + "/b.txt"],
    )
    async def test_a_path_to_nothing_is_an_error(
        self, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        async with reading() as reader:
            with pytest.raises(NotReadable) as caught:
                await reader.open(wanted)
        assert caught.value.reason is FailureReason.NO_FOLDER

    async def test_nothing_to_read_is_an_error(self, tmp_path: Path, serve: Serve) -> None:
        url = await serve(site({"/empty": ("text/xml", b"<rss><channel/></rss>"), "/blank": ("text/html", b"<html>")}))
        async with reading() as reader:
            (tmp_path / "blank.txt").write_text(" \n", encoding="utf-8")
            for wanted in (str(tmp_path), str(tmp_path / "blank.txt"), f"{url}empty", f"{url}blank"):
                with pytest.raises(NotReadable) as caught:
                    await reader.open(wanted)
                assert caught.value.reason is FailureReason.NO_ARTICLES
            with pytest.raises(AddressRefused):
                await reader.open("")


async def test_broken_feeds_get_a_second_reader(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "parse_feed", find_nothing)
    url = await serve(site())
    async with reading() as reader:
        got = await reader.read(f"{url}feed.xml", SourceKind.FEED)
    assert got.snapshot is not None
    farm, brief = got.snapshot.entries
    assert (farm.identity, farm.title, farm.author) == ("tag:example.org,2026:1", "L’IA à la ferme", "Maude Tessier")
    assert replace(brief).url == f"{url}breve"


def sleep_long(*_: object, **__: object) -> None:
    time.sleep(30)


def find_nothing(_: bytes, *, url: str, **__: object) -> None:
    raise NotReadable(FailureReason.NOT_A_FEED, url)


class TestPageSources:
    async def test_a_site_without_a_feed_lists_its_articles_and_they_are_completed(self, serve: Serve) -> None:
        listed = "".join(f'<li><a href="/{name}">Un article sur les {name}</a></li>' for name in ("robots", "b", "c"))
        url = await serve(
            site({**SITE, "/news": ("text/html", f"<html><body><main><ul>{listed}</ul></main></body></html>".encode())})
        )
        async with reading() as reader:
            probe = await reader.probe(f"{url}news")
            assert (probe.url, probe.kind) == (f"{url}news", SourceKind.PAGE)
            got = await reader.read(probe.url, probe.kind)
            assert got.snapshot is not None
            assert got.snapshot == probe.retrieved.snapshot
            completed = await reader.complete(got.snapshot.entries)
        assert [entry.title for entry in completed] == [f"Un article sur les {name}" for name in ("robots", "b", "c")]
        assert words(completed[0].body) == PARAGRAPHS
        assert [entry.teaser for entry in completed] == [False, True, True]

    async def test_a_page_that_lost_its_articles_is_a_failure(self, serve: Serve) -> None:
        url = await serve(site())
        async with reading() as reader:
            with pytest.raises(NotReadable) as caught:
                await reader.read(f"{url}links", SourceKind.PAGE)
        assert caught.value.reason is FailureReason.NO_ARTICLES
