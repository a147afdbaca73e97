"""The import rules of the house, proven on the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PIPELINE = ("sources", "articles", "updates", "delivery", "messages")

BASE = {"bot.models", "bot.errors"}
"""What everybody may import."""

EDGES = {"bot.sources.fetcher", "bot.sources.reader", "bot.offload", "bot.messages.sender", "bot.messages.editor"}
"""Modules that do I/O; so does all of `bot.storage`."""

SEES_SETTINGS = {"bot.app", "bot.running", "bot.client", "bot.workers", "bot.cli", "bot.log", "bot.checkup", "bot.demo"}

SEES_DISCORD = ("bot.client", "bot.messages", "bot.demo", "cogs")

CALLED_BY_COGS = {
    "bot.reading",
    "bot.corrections",
    "bot.postings",
    "bot.servers",
    "bot.subscriptions",
    "bot.upkeep",
    "bot.exchange",
    "bot.filtering",
    "bot.explaining",
}
"""Use cases that the cogs call, and cards draw the answers of."""

USE_CASES = CALLED_BY_COGS | {
    "bot.updates.updater",
    "bot.updates.understanding",
    "bot.updates.learning",
    "bot.updates.sifting",
    "bot.delivery.dispatcher",
    "bot.delivery.reviser",
}


def modules() -> dict[str, Path]:
    found = {}
    for package in ("bot", "cogs"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """Full names of what a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; the house uses full names"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


def ours(name: str) -> set[str]:
    return {each for each in imports(MODULES[name]) if each.split(".")[0] in ("bot", "cogs", "tests")}


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def is_edge(module: str) -> bool:
    return module in EDGES or within(module, "bot.storage")


@pytest.mark.parametrize("name", ["bot.models", "bot.errors"])
def test_the_shared_nouns_import_nothing_of_ours(name: str) -> None:
    assert ours(name) == set()


def test_locales_know_only_the_nouns() -> None:
    assert ours("bot.locales") <= BASE


@pytest.mark.parametrize("stage", PIPELINE)
def test_a_stage_imports_only_itself_and_earlier_stages(stage: str) -> None:
    allowed = [f"bot.{each}" for each in PIPELINE[: PIPELINE.index(stage) + 1]]
    if stage == "messages":
        # Cards are words and answers: they draw what the reading use cases return.
        allowed += ["bot.locales", *CALLED_BY_COGS]
    for name in MODULES:
        if within(name, f"bot.{stage}"):
            strangers = {each for each in ours(name) - BASE if not within(each, *allowed)}
            if name == "bot.sources.reader":
                strangers -= {"bot.offload"}
            assert not strangers, f"{name} imports {strangers}"


def test_edges_never_import_each_other() -> None:
    for name in MODULES:
        if is_edge(name) and not within(name, "bot.storage") and name != "bot.sources.reader":
            assert not {each for each in ours(name) if is_edge(each)}, name
    for name in MODULES:
        if within(name, "bot.storage"):
            assert not {each for each in ours(name) if is_edge(each) and not within(each, "bot.storage")}, name


def test_use_cases_reach_edges_only_through_their_own_protocols() -> None:
    for name in USE_CASES:
        reached = {
            each for each in ours(name) if is_edge(each) or within(each, "bot.messages", "bot.client", "bot.app")
        }
        assert not reached, f"{name} imports {reached}"


def test_only_the_composition_root_names_concrete_edges() -> None:
    for name in MODULES:
        if name == "bot.app" or is_edge(name) or within(name, "bot.demo"):
            continue
        named = {each for each in ours(name) if is_edge(each)}
        assert not named, f"{name} imports {named}"


def test_only_a_few_see_settings() -> None:
    for name in MODULES:
        if "bot.config" in ours(name):
            assert within(name, *SEES_SETTINGS), f"{name} imports bot.config"


def test_only_config_reads_the_environment() -> None:
    for name, path in MODULES.items():
        if name != "bot.config":
            source = path.read_text(encoding="utf-8")
            assert "os.environ" not in source, name
            assert "getenv" not in source, name


def test_cogs_stay_on_the_surface() -> None:
    allowed = ("bot.models", "bot.errors", "bot.locales", *CALLED_BY_COGS, "bot.messages")
    for name in MODULES:
        if within(name, "cogs"):
            strangers = {each for each in ours(name) if not within(each, *allowed)}
            strangers -= {"bot.client"} if _only_for_types(MODULES[name], "bot.client") else set()
            assert not strangers, f"{name} imports {strangers}"
            assert "bot.messages.sender" not in ours(name)


def _only_for_types(path: Path, module: str) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = [
        inner.module
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom)
    ]
    everywhere = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == module]
    return guarded.count(module) == len(everywhere)


def test_the_bot_names_cogs_only_as_strings() -> None:
    for name in MODULES:
        if within(name, "bot"):
            assert not {each for each in ours(name) if within(each, "cogs")}, name


def test_discord_appears_only_where_the_design_says() -> None:
    for name, path in MODULES.items():
        if any(within(each, "discord", "simcord") for each in imports(path)):
            assert within(name, *SEES_DISCORD), f"{name} imports discord"


def test_nobody_imports_the_tests() -> None:
    for name in MODULES:
        assert not {each for each in ours(name) if within(each, "tests")}, name


def test_pure_stages_read_no_clock_and_do_no_io() -> None:
    forbidden = {"time", "socket", "requests", "urllib.request", "subprocess", "sqlite3"}
    for name, path in MODULES.items():
        if within(name, *(f"bot.{stage}" for stage in PIPELINE)) and not is_edge(name) and name not in USE_CASES:
            reached = {each for each in imports(path) if within(each, *forbidden)}
            assert not reached, f"{name} imports {reached}"
            source = path.read_text(encoding="utf-8")
            assert ".now(" not in source, f"{name} reads the clock"
            assert ".utcnow(" not in source, f"{name} reads the clock"


def test_background_loops_are_never_discords() -> None:
    for name, path in MODULES.items():
        assert not {each for each in imports(path) if within(each, "discord.ext.tasks")}, name


def test_modules_stay_short_enough_to_hold_in_the_head() -> None:
    for name, path in MODULES.items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 400, f"{name} has {lines} lines: find the second noun in it"
