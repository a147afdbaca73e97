"""Nothing lost, nothing repeated, order kept: a bot that is killed at random moments, in every kind of weather.

    .venv/bin/python -m tests.bench.kills --kills 200 --seed 1
    .venv/bin/python -m tests.bench.kills --kills 50 --plain      a Discord that keeps its promises and no more

Exit code 1 when anything is lost, repeated, out of order, or remembered wrongly.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.fakes.discord_wire import Manners
from tests.wire.newsroom import Ordeal, mixed, open_newsroom


async def ordeal(*, kills: int, seed: int, places: int, plain: bool, share: float) -> bool:
    manners = Manners.plain() if plain else Manners()
    with tempfile.TemporaryDirectory() as folder:
        began_at = time.monotonic()
        async with open_newsroom(Path(folder), mixed(places), manners=manners) as room:
            trial = Ordeal(room, seed, share=share)
            await trial.run(kills)
            faults = room.faults()
            articles = sum(map(len, room.titles))
            killed = sum(trial.moments[each] for each in KILLS)
            print(
                f"seed {seed}, {'plain' if plain else 'usual'} manners: {killed} kills"
                f" in {time.monotonic() - began_at:.0f} s, {articles} articles in {places} channels,"
                f" {room.owed():,} deliveries, {len(room.discord.requests):,} requests\n"
                f"  {_listed(trial.moments)}\n  {_listed(trial.weather.made)}\n"
                f"  lost, repeated, out of order, remembered wrongly: {len(faults)}"
            )
            for fault in faults[:40]:
                print(f"    {fault}")
            if faults:
                print(f"    logs and database: {_keep(Path(folder))}")
            return not faults


def _keep(folder: Path) -> Path:
    kept = Path(tempfile.mkdtemp(prefix="kills-"))
    for path in folder.iterdir():
        if path.is_file():
            (kept / path.name).write_bytes(path.read_bytes())
    return kept


KILLS = ("killed at work", "killed while starting")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--places", type=int, default=40)
    parser.add_argument("--share", type=float, default=0.12, help="of the requests that go wrong")
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    sys.exit(not asyncio.run(ordeal(**vars(given))))
