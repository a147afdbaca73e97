import aiohttp

from bot.metrics import Metrics
from bot.server import build_server, serve


async def get(path: str, *, well: bool) -> tuple[int, str]:
    async def health() -> dict[str, bool]:
        return {"discord": well, "database": True}

    metrics = Metrics()
    metrics.checks.labels("ok").inc()
    async with (
        serve(build_server(health, metrics.registry), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_a_healthy_bot_says_so() -> None:
    status, text = await get("/health", well=True)
    assert status == 200
    assert '"status": "ok"' in text


async def test_a_bot_without_discord_is_failing() -> None:
    status, text = await get("/health", well=False)
    assert status == 503
    assert '"discord": false' in text


async def test_metrics_are_in_the_usual_format() -> None:
    status, text = await get("/metrics", well=True)
    assert status == 200
    assert 'casse_croute_checks_total{outcome="ok"} 1.0' in text
