"""Lists of sources in and out, at the command line and on a real database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.cli import main
from bot.delivery.preferences import preferences_of
from bot.exchange import Exchange, Taken
from bot.models import Credentials, SourceKind
from bot.quota import Quota
from bot.sources.opml import Outline, read_opml, write_opml
from bot.storage import open_storage

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERVER, CHANNEL = 10**18, 10**18 + 1
FEEDS = (
    Outline("https://journal.test/feed", "Le Journal", folder="Nouvelles/Québec"),
    Outline("https://exemple.test/atom.xml", "Exemple"),
    Outline("ftp://vieux.test/", "Vieux"),
    Outline("https://a:b@secret.test/", "Secret"),
)


async def test_folders_go_in_and_come_out_and_credentials_do_not(tmp_path: Path) -> None:
    async with open_storage(f"sqlite:///{tmp_path}/a.db", now=lambda: NOON) as storage:
        exchange = Exchange(storage.register, storage.notes, now=lambda: NOON)
        taken = [each async for each in exchange.take(FEEDS, guild_id=SERVER, channel_id=CHANNEL)]
        assert taken == [Taken.ADDED, Taken.ADDED, Taken.REFUSED, Taken.REFUSED]
        again = [each async for each in exchange.take(FEEDS[:1], guild_id=SERVER, channel_id=CHANNEL)]
        assert again == [Taken.PRESENT]
        private = await storage.register.add_source(
            "https://prive.test/",
            SourceKind.FEED,
            title="Privé",
            now=NOON,
            owner_guild_id=SERVER,
            credentials=Credentials(header="X-Key", value=SecretStr("cheddar")),
        )
        await storage.register.subscribe(private.id, guild_id=SERVER, channel_id=CHANNEL, created_by=None, now=NOON)
        given = await exchange.give(SERVER)
    assert set(given) == {*FEEDS[:2], Outline("https://prive.test/", "Privé")}
    assert "cheddar" not in repr(given)


async def test_a_list_floods_no_channel_when_its_sources_are_read_for_the_first_time(tmp_path: Path) -> None:
    async with open_storage(f"sqlite:///{tmp_path}/a.db", now=lambda: NOON) as storage:
        exchange = Exchange(storage.register, storage.notes, now=lambda: NOON)
        await exchange.take_file(write_opml(FEEDS, title="Mes fils"), guild_id=SERVER, channel_id=CHANNEL)
        followed = await storage.register.followed(SERVER)
    assert len(followed) == 2
    assert {preferences_of(each.subscription).first for each in followed} == {"nothing"}


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_the_command_line_takes_and_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEFAULT_LANGUAGE", "fr")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/a.db")
    (tmp_path / "fils.opml").write_bytes(
        b'<opml><body><outline text="Infos"><outline text="A" xmlUrl="https://a.test/f"/></outline>'
        b'<outline xmlUrl="nope:"/></body></opml>'
    )
    server = ("--server", str(SERVER))
    assert run("import", "fils.opml", *server, "--channel", str(CHANNEL)) == 0
    assert "1 source ajoutée" in capsysbinary.readouterr().err.decode()
    assert run("export", *server) == 0
    assert read_opml(capsysbinary.readouterr().out) == (Outline("https://a.test/f", "A", folder="Infos"),)
    assert run("export", *server, "--output", "sorti.opml") == 0
    assert read_opml((tmp_path / "sorti.opml").read_bytes())
    (tmp_path / "fils.opml").write_bytes(b"<html>")
    capsysbinary.readouterr()
    assert run("import", "fils.opml", *server, "--channel", str(CHANNEL)) == 1
    assert "OPML" in capsysbinary.readouterr().err.decode()
    assert run("import", "absent.opml", *server, "--channel", str(CHANNEL)) == 2
    assert run("import", "fils.opml") == 2


async def test_a_list_stops_where_the_operator_says_and_what_is_there_counts_once(tmp_path: Path) -> None:
    async with open_storage(f"sqlite:///{tmp_path}/a.db", now=lambda: NOON) as storage:
        exchange = Exchange(storage.register, storage.notes, now=lambda: NOON, quota=Quota(sources=1))
        for expected in (Taken.ADDED, Taken.PRESENT):
            taken = [each async for each in exchange.take(FEEDS[:2], guild_id=SERVER, channel_id=CHANNEL)]
            assert taken == [expected, Taken.TOO_MANY]
