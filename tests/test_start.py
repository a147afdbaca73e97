"""`start.py` is the first thing a newcomer runs, on a machine that we know nothing about."""

import ast
import importlib.util
import os
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

START = Path(__file__).parent.parent / "start.py"


@pytest.fixture
def start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", START)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pythons_too_old_to_run_it_can_still_read_why() -> None:
    ast.parse(START.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_old_python_gets_one_sentence_and_installs_nothing(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    monkeypatch.setattr(start, "find_uv", pytest.fail)
    assert "needs Python 3.11" in start.main(["demo"])


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["--help"], 0)])
def test_help_installs_nothing(
    start: ModuleType, arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main(arguments) == status
    assert "python3 start.py demo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        ("demo", ["--extra", "demo"]),
        ("run", ["--extra", "postgres"]),
        ("test", ["--all-extras", "--group", "dev"]),
    ],
)
def test_each_command_installs_what_it_needs(start: ModuleType, command: str, packages: list[str]) -> None:
    assert start.packages_for(command) == packages


def test_arguments_pass_through(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert start.command_for(["read", "--json", "a b.txt"])[1:] == ["read", "--json", "a b.txt"]
    assert start.command_for(["test", "-n", "0", "-k", "demo"])[1:] == ["-m", "pytest", "-n", "0", "-k", "demo"]


def test_every_way_to_get_uv_is_tried_before_giving_up(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "OWN_UV", tmp_path / ".uv")
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    tried: list[list[str]] = []

    def refuse(*commands: list[str]) -> str:
        tried.append(commands[0])
        return "not on this machine"

    monkeypatch.setattr(start, "attempt_all", refuse)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        start.find_uv()
    assert [next(word for word in command if word in ("venv", "virtualenv", "pip")) for command in tried] == [
        "venv",
        "virtualenv",
        "pip",
    ]


def fake_uv(folder: Path, *said: str, status: int = 2) -> str:
    """A uv that says things on stderr and fails; it keeps its cache where nobody may write."""
    uv = folder / "uv"
    lines = "".join(f"printf '%s\\n' {shlex.quote(line)} >&2\n" for line in said)
    uv.write_text(f"#!/bin/sh\n[ $1 = cache ] && echo {folder}/cache && exit\n{lines}exit {status}\n")
    uv.chmod(0o755)
    return str(uv)


@pytest.mark.skipif(os.name != "posix", reason="uv is played by a shell script")
def test_without_a_network_one_sentence_is_all_there_is(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    uv = fake_uv(tmp_path, "Resolved 90 packages", "error: Failed to download `x`", "  cause: dns error")
    with pytest.raises(SystemExit) as end:
        start.install(uv, "demo")
    assert end.value.code == start.NO_NETWORK
    assert capsys.readouterr().err.splitlines()[-1] == "Resolved 90 packages"


@pytest.mark.skipif(os.name != "posix", reason="uv is played by a shell script")
def test_another_failure_keeps_what_uv_said_of_it(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    with pytest.raises(SystemExit) as end:
        start.install(fake_uv(tmp_path, " + a==1", "error: No space left on device"), "demo")
    assert end.value.code == start.NOT_INSTALLED
    assert "No space left" in (said := capsys.readouterr().err)
    assert "a==1" not in said


def test_a_network_that_does_not_answer_is_not_asked_three_times(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start, "OWN_UV", tmp_path / ".uv")
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    monkeypatch.setattr(start, "attempt_all", lambda *commands: "WARNING: Retrying after 'NewConnectionError(...)'")
    monkeypatch.setattr(start, "with_pip_target", pytest.fail)
    with pytest.raises(SystemExit, match="network does not answer"):
        start.find_uv()


def test_a_folder_that_is_not_ours_is_said_in_one_sentence_before_anything_is_tried(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(start, "find_uv", pytest.fail)
    monkeypatch.setattr(start.os, "access", lambda path, mode: False)
    assert "cannot write in" in start.main(["demo"])


def test_who_has_no_home_keeps_downloads_beside_uv(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if os.name != "posix":
        pytest.skip("uv is played by a shell script")
    uv = fake_uv(tmp_path)
    assert start.cache(uv) == {}
    monkeypatch.setattr(start.os, "access", lambda path, mode: False)
    assert start.cache(uv) == {"UV_CACHE_DIR": str(start.OWN_UV / "cache")}
