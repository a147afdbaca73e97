"""The command line: run, demo, check, read, import, export, why.

Exit 0 done, 1 it failed (one plain sentence on stderr), 2 wrong usage.
What a command needs is imported inside it, so that help and wrong usage answer at once.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import click

from bot.config import Settings, load_settings, operator_language
from bot.errors import CasseCrouteError, RequestRefused, SourceError, StorageError
from bot.locales import Words, words
from bot.signals import stop_signals
from bot.usage import DiscordId, speak_as


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `casse-croute` and of `python -m bot`. Always ends by SystemExit."""
    speak = words(operator_language())
    speak_as(speak.language)
    for stream in (sys.stdout, sys.stderr):
        # A terminal in a legacy encoding gets a "?" for what it cannot show, instead of an error.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        _commands(speak).main(args=arguments, prog_name="casse-croute", standalone_mode=True)
    except StorageError as error:
        fail(speak("cli.storage", problem=error))
    except CasseCrouteError as error:
        fail(speak(error.key, **error.params))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 — a person at a terminal gets a sentence, never a traceback
        fail(speak("cli.unexpected", problem=error.__class__.__name__))


def fail(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(1)


def _commands(speak: Words) -> click.Group:
    discord_id, a_file = DiscordId(speak), speak("cli.file")
    group = click.Group(
        help=speak("cli.help"),
        subcommand_metavar=speak("cli.usage.command"),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    group = click.version_option(version("casse-croute"), message="Casse-croûte %(version)s")(group)

    def command(name: str) -> Callable[[Callable[..., None]], click.Command]:
        sentence = speak(f"cli.{name}.help")
        return group.command(name, help=sentence, short_help=sentence)

    @command("run")
    def run() -> None:
        _run(load_settings(), speak)

    @command("demo")
    @click.option("--port", type=click.IntRange(1, 65_535), metavar="PORT", help=speak("cli.demo.port"))
    @click.option("--no-browser", is_flag=True, help=speak("cli.demo.no_browser"))
    def demo(port: int | None, no_browser: bool) -> None:
        _demo(port, open_browser=not no_browser, speak=speak)

    @command("check")
    def check() -> None:
        if not asyncio.run(_check(load_settings(), speak)):
            sys.exit(1)

    @command("read")
    @click.option("--json", "as_json", is_flag=True, help=speak("cli.read.json"))
    @click.argument("path_or_url", nargs=-1, required=True, metavar=speak("cli.read.argument"))
    def read(path_or_url: tuple[str, ...], as_json: bool) -> None:
        if not asyncio.run(_read(load_settings(), path_or_url, as_json=as_json, speak=speak)):
            sys.exit(1)

    @command("import")
    @click.argument("file", metavar=a_file, type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--server", type=discord_id, required=True, help=speak("cli.import.server"))
    @click.option("--channel", type=discord_id, required=True, help=speak("cli.import.channel"))
    def import_(file: Path, server: int, channel: int) -> None:
        asyncio.run(_import(load_settings(), file, server, channel, speak))

    @command("export")
    @click.option("--server", type=discord_id, required=True, help=speak("cli.export.server"))
    @click.option(
        "--output", type=click.File("wb", lazy=True), default="-", metavar=a_file, help=speak("cli.export.output")
    )
    def export(server: int, output: BinaryIO) -> None:
        asyncio.run(_export(load_settings(), server, output))

    @command("why")
    @click.option("--server", type=discord_id, help=speak("cli.why.server"))
    @click.argument("article", nargs=-1, metavar="[ARTICLE]")
    def why(article: tuple[str, ...], server: int | None) -> None:
        asyncio.run(_why(load_settings(), " ".join(article), server, speak))

    return group


def _run(settings: Settings, speak: Words) -> None:
    settings.require_token()
    _set_up_logging(settings)
    from bot.running import run

    async def until_stopped() -> None:
        async with stop_signals() as stop:
            await run(settings, stop)

    asyncio.run(until_stopped())
    click.echo(speak("cli.run.stopped"), err=True)


def _demo(port: int | None, *, open_browser: bool, speak: Words) -> None:
    if find_spec("simcord") is None:
        fail(speak("cli.demo.missing"))
    from bot.demo import run_demo

    asyncio.run(run_demo(port=port, open_browser=open_browser))


async def _check(settings: Settings, speak: Words) -> bool:
    from bot.app import read_sources
    from bot.checkup import examine

    good = True
    async for finding in examine(settings, speak, lambda: read_sources(settings)):
        click.echo(f"{'✓' if finding.good else '✗'} {finding.sentence}")
        good = good and finding.good
    if not good:
        click.echo(speak("check.failed"), err=True)
    return good


async def _read(settings: Settings, wanted: Sequence[str], *, as_json: bool, speak: Words) -> bool:
    """Every argument in order; one that fails is told on stderr and does not keep the others from being read."""
    from bot import printing
    from bot.app import open_reader

    good = True
    async with open_reader(settings, local=True) as (reader, understand):
        for each in wanted:
            try:
                articles = await understand(await reader.open(each))
            except CasseCrouteError as error:
                click.echo(f"{each}: {speak(error.key, **error.params)}", err=True)
                good = False
                continue
            for article in articles:
                click.echo(printing.as_json(article) if as_json else printing.as_text(article, speak))
    return good


def _set_up_logging(settings: Settings) -> None:
    from bot.log import set_up_logging

    secrets = [settings.require_token()] if settings.discord_token else []
    secrets += [part for part in _passwords(settings.database_url.get_secret_value()) if part]
    set_up_logging(settings.log_level, settings.log_format, secrets=secrets)


def _passwords(database_url: str) -> list[str]:
    from urllib.parse import unquote, urlsplit

    with contextlib.suppress(ValueError):
        raw = urlsplit(database_url).password or ""
        return [raw, unquote(raw)]
    return []


async def _import(settings: Settings, file: Path, server: int, channel: int, speak: Words) -> None:
    from collections import Counter

    from bot.app import open_exchange
    from bot.exchange import Taken
    from bot.sources.opml import MAX_BYTES, read_opml

    try:
        with file.open("rb") as stream:
            outlines = read_opml(stream.read(MAX_BYTES + 1))
    except (SourceError, OSError):
        raise RequestRefused("cli.import.unreadable", file=file.name) from None
    counts: Counter[Taken] = Counter()
    async with open_exchange(settings) as exchange:
        with click.progressbar(length=len(outlines), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            async for taken in exchange.take(outlines, guild_id=server, channel_id=channel):
                counts[taken] += 1
                bar.update(1)
    for each in Taken:
        if counts[each] or each is Taken.ADDED:
            click.echo(speak.plural(f"cli.import.{each.value}", counts[each]), err=True)


async def _export(settings: Settings, server: int, output: BinaryIO) -> None:
    from bot.app import open_exchange
    from bot.sources.opml import write_opml

    async with open_exchange(settings) as exchange:
        outlines = await exchange.give(server)
    output.write(write_opml(outlines, title="Casse-croûte"))


async def _why(settings: Settings, article: str, server: int | None, speak: Words) -> None:
    from bot.app import open_explaining
    from bot.reading import Place
    from bot.why_text import as_text

    async with open_explaining(settings) as explaining:
        place = Place(await explaining.only_server(server), ())
        click.echo(as_text(await explaining.why(place, article), speak), nl=False)
