"""Followed folders, looked at as soon as something in them changes rather than at their next check.

Polling stays: file systems of other machines tell nothing of their changes, and neither does ours where `watchfiles` is
not installed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

from bot.errors import StorageError

log = structlog.get_logger(__name__)

LOOK_SECONDS = 30.0
"""How often the list of followed folders is read again: another process may have changed it."""
QUIET_MILLISECONDS = 500
"""How long a folder must be at rest before it is read: files arrive in pieces."""
MOST_FOLDERS = 1_000

Watch = Callable[[Collection[Path], asyncio.Event], AsyncIterator[Collection[Path]]]
"""Changed paths within these folders, until the event is set."""


class FolderWatch:
    """Service: tells `changed` which sources have something new on the disk."""

    name = "folders"

    def __init__(
        self,
        folders: Callable[[], Awaitable[Mapping[int, Path]]],
        changed: Callable[[Collection[int]], Awaitable[None]],
        *,
        watch: Watch | None = None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._folders = folders
        self._changed = changed
        self._watch = watch
        self._look_seconds = look_seconds
        self._bell = asyncio.Event()
        self._stopping = False

    def ring(self) -> None:
        """There may be another folder to watch."""
        self._bell.set()

    def stop(self) -> None:
        self._stopping = True
        self.ring()

    async def run(self) -> None:
        watched: Mapping[int, Path] = {}
        end = asyncio.Event()
        watching: asyncio.Task[None] | None = None
        try:
            while not self._stopping:
                self._bell.clear()
                present = await self._present()
                if present is not None and (present != watched or watching is None or watching.done()):
                    await _finish(watching, end)
                    watched, end = present, asyncio.Event()
                    watching = asyncio.create_task(self._follow(watched, end), name=self.name) if watched else None
                await self._sleep()
        finally:
            await _finish(watching, end)

    async def _present(self) -> Mapping[int, Path] | None:
        """The folders that can be watched now; None when that cannot be known."""
        try:
            followed = await self._folders()
        except StorageError as error:
            log.warning("folders not listed", error=str(error))
            return None
        there = await asyncio.to_thread(
            lambda: [(key, path.resolve()) for key, path in followed.items() if path.is_dir()]
        )
        return dict(there[:MOST_FOLDERS])

    async def _follow(self, folders: Mapping[int, Path], end: asyncio.Event) -> None:
        self._watch = self._watch or _find_watch()
        try:
            async for paths in self._watch(frozenset(folders.values()), end):
                touched = [key for key, folder in folders.items() if any(_is_within(path, folder) for path in paths)]
                if touched:
                    await self._changed(touched)
        except StorageError as error:
            log.warning("change of a folder not noted", error=str(error))
        except OSError as error:
            # No more watches, or a folder that went away: its polling goes on.
            log.warning("folders not watched", error=type(error).__name__)

    async def _sleep(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._look_seconds):
                await self._bell.wait()


async def _finish(watching: asyncio.Task[None] | None, end: asyncio.Event) -> None:
    if watching is None:
        return
    end.set()
    _, late = await asyncio.wait([watching], timeout=2)
    for task in late:
        task.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def _is_within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _find_watch() -> Watch:
    try:
        library = import_module("watchfiles")
    except ImportError:
        log.info("watchfiles is not installed: folders are read at their checks only")
        return _nothing
    return lambda folders, end: _changes(library, folders, end)


async def _changes(library: Any, folders: Collection[Path], end: asyncio.Event) -> AsyncIterator[Collection[Path]]:
    changes = library.awatch(
        *folders,
        stop_event=end,
        debounce=4 * QUIET_MILLISECONDS,
        step=QUIET_MILLISECONDS,
        ignore_permission_denied=True,
    )
    async for found in changes:
        yield {Path(path) for _, path in found}


async def _nothing(_folders: Collection[Path], end: asyncio.Event) -> AsyncIterator[Collection[Path]]:
    await end.wait()
    yield ()
