"""`casse-croute why`, over a real SQLite file."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import cli
from bot.delivery.planner import plan_deliveries
from bot.errors import RequestRefused
from bot.locales import words
from bot.models import Article, SourceKind
from bot.storage import Storage, open_storage
from bot.updates.progress import Progress
from bot.updates.update import NewArticle, Update

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CABIN = 10**18


@pytest.fixture
def why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)  # away from anybody's own .env
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/test.db")

    def run(*arguments: str, language: str = "fr") -> Result:
        return CliRunner().invoke(cli._commands(words(language)), ["why", *arguments])

    return run


def fill(tmp_path: Path, *guilds: int) -> None:
    async def publish(storage: Storage) -> None:
        source = await storage.register.add_source(
            "https://comptoir.example/fil", SourceKind.FEED, title="Le Comptoir", now=NOW
        )
        for guild_id in guilds:
            await storage.register.subscribe(
                source.id, guild_id=guild_id, channel_id=guild_id + 1, created_by=7, now=NOW
            )
        article = Article(title="Un modèle", language="fr", url="https://comptoir.example/modele")
        progress = Progress(checked_at=NOW, next_check_at=NOW)
        update = Update(source.id, (NewArticle("a", "h", article, announce=True),), (), progress)
        await storage.archive.record(update, plan_deliveries)

    async def main() -> None:
        async with open_storage(f"sqlite:///{tmp_path}/test.db", now=lambda: NOW) as storage:
            await publish(storage)

    asyncio.run(main())


def test_it_tells_the_way_of_an_article_in_plain_text(why: Callable[..., Result], tmp_path: Path) -> None:
    fill(tmp_path, CABIN)
    told = why("un", "modele")
    assert told.exit_code == 0
    assert told.output.startswith("Un modèle <https://comptoir.example/modele>\n")
    for line in (
        "  ✅ Récupéré le 2026-03-02 15:00 UTC dans Le Comptoir.",
        "  ✅ Reconnu comme nouveau le 2026-03-02 15:00 UTC.",
        f"Salon {CABIN + 1}",
        "  ✅ Publication prévue le 2026-03-02 15:00 UTC.",
        "  ⏳ Prêt à partir depuis le 2026-03-02 15:00 UTC\u00a0: c’est l’affaire d’un instant.",
        "  💡 Si rien ne part, vérifiez que je suis en ligne.",
    ):
        assert line in told.output.splitlines()
    assert "<t:" not in told.output
    newest = why(language="en")
    assert "  ✅ Fetched from Le Comptoir on 2026-03-02 15:00 UTC." in newest.output.splitlines()


def test_an_address_that_was_never_fetched_tells_how_its_source_is(why: Callable[..., Result], tmp_path: Path) -> None:
    fill(tmp_path, CABIN)
    told = why("https://comptoir.example/perdu", language="en")
    assert told.exit_code == 0
    assert "Le Comptoir <https://comptoir.example/fil>" in told.output
    assert "  ✅ Last read: 2026-03-02 15:00 UTC. Next read: 2026-03-02 15:00 UTC." in told.output
    assert "`/config source check`" in told.output


def test_one_of_several_servers_has_to_be_named(why: Callable[..., Result], tmp_path: Path) -> None:
    fill(tmp_path, CABIN, 2 * CABIN)
    refused = why("un modèle").exception
    assert isinstance(refused, RequestRefused)
    assert str(2 * CABIN) in words("fr")(refused.key, **refused.params)
    assert f"Salon {2 * CABIN + 1}" in why("un modèle", "--server", str(2 * CABIN)).output


def test_without_anything_followed_it_says_how_to_begin(
    why: Callable[..., Result], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_LANGUAGE", "en")
    with pytest.raises(SystemExit) as end:
        cli.main(["why", "x"])
    assert end.value.code == 1
    assert "No server follows a source yet" in capsys.readouterr().err


def test_its_help_is_in_both_languages(why: Callable[..., Result]) -> None:
    assert "étape par étape" in why("--help").output
    assert "stage by stage" in why("--help", language="en").output
