"""Folders are read when they change."""

import asyncio
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.watching import FolderWatch, Watch


class Disk:
    """What a test says that happens on it."""

    def __init__(self) -> None:
        self.changes: asyncio.Queue[Collection[Path]] = asyncio.Queue()
        self.watched: list[Collection[Path]] = []

    async def watch(self, folders: Collection[Path], end: asyncio.Event) -> AsyncIterator[Collection[Path]]:
        self.watched.append(folders)
        ended = asyncio.ensure_future(end.wait())
        while not ended.done():
            change = asyncio.ensure_future(self.changes.get())
            await asyncio.wait([ended, change], return_when=asyncio.FIRST_COMPLETED)
            if change.done():
                yield change.result()
            else:
                change.cancel()


class Desk:
    """Which folders are followed, and what is told of them."""

    def __init__(self, **folders: Path) -> None:
        self.folders = dict(enumerate(folders.values(), 1))
        self.told: asyncio.Queue[list[int]] = asyncio.Queue()
        self.broken = False

    async def followed(self) -> dict[int, Path]:
        if self.broken:
            raise StorageError("away")
        return dict(self.folders)

    async def changed(self, ids: Collection[int]) -> None:
        self.told.put_nowait(sorted(ids))


async def running(desk: Desk, watch: Watch | None) -> tuple[FolderWatch, "asyncio.Task[None]"]:
    service = FolderWatch(desk.followed, desk.changed, watch=watch, look_seconds=0.05)
    return service, asyncio.create_task(service.run())


async def until(condition: object) -> None:
    async with asyncio.timeout(5):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def test_the_folder_that_changed_is_named_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    desk, disk = Desk(a=tmp_path / "a", b=tmp_path / "b"), Disk()
    service, task = await running(desk, disk.watch)
    disk.changes.put_nowait({tmp_path / "b" / "sub" / "new.txt"})
    async with asyncio.timeout(5):
        assert await desk.told.get() == [2]
    service.stop()
    await task


async def test_a_folder_that_appears_is_watched_too(tmp_path: Path) -> None:
    desk, disk = Desk(a=tmp_path, b=tmp_path / "later"), Disk()
    service, task = await running(desk, disk.watch)
    await until(lambda: disk.watched)
    (tmp_path / "later").mkdir()
    await until(lambda: len(disk.watched) == 2)
    assert set(disk.watched[1]) == {*desk.folders.values()}
    service.stop()
    await task


async def test_a_lost_database_does_not_end_the_watch(tmp_path: Path) -> None:
    desk, disk = Desk(a=tmp_path), Disk()
    service, task = await running(desk, disk.watch)
    await until(lambda: disk.watched)
    desk.broken = True
    await asyncio.sleep(0.1)
    disk.changes.put_nowait({tmp_path / "new.txt"})
    async with asyncio.timeout(5):
        assert await desk.told.get() == [1]
    service.stop()
    await task


async def test_without_the_library_nothing_is_watched_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "watchfiles", None)
    service, task = await running(Desk(a=tmp_path), None)
    await asyncio.sleep(0.1)
    assert not task.done()
    service.stop()
    async with asyncio.timeout(5):
        await task


async def test_a_real_file_is_noticed(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    desk = Desk(a=tmp_path)
    service, task = await running(desk, None)
    async with asyncio.timeout(20):
        while desk.told.empty():
            (tmp_path / "article.txt").write_text("Bonjour")
            await asyncio.sleep(0.3)
            (tmp_path / "article.txt").unlink()
    service.stop()
    await task
