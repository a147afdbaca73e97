"""What `casse-croute check` says of the parts that need no Discord."""

from collections.abc import Sequence

import pytest
from aiohttp import web

from bot.checkup import Finding, examine
from bot.config import Settings
from bot.locales import words
from bot.metrics import Metrics
from bot.models import Source
from bot.server import LOOPBACK, build_server, serve

SPEAK = words("fr")


async def nothing_followed() -> Sequence[Source]:
    return ()


async def health() -> dict[str, bool]:
    return {"discord": True, "database": True}


async def findings(**settings: object) -> list[Finding]:
    return [each async for each in examine(Settings(_env_file=None, **settings), SPEAK, nothing_followed)]  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


async def test_a_port_that_is_free_is_good() -> None:
    async with serve(web.Application(), LOOPBACK, 0) as port:
        pass
    assert Finding(True, SPEAK("check.http", host=LOOPBACK, port=port)) in await findings(http_port=port)


async def test_a_port_that_somebody_else_has_is_told_as_run_tells_it() -> None:
    async with serve(web.Application(), LOOPBACK, 0) as port:
        found = await findings(http_port=port)
    assert Finding(False, SPEAK("config_error.port_taken", host=LOOPBACK, port=port)) in found


async def test_a_port_on_which_the_bot_runs_already_is_good() -> None:
    async with serve(build_server(health, Metrics().registry), LOOPBACK, 0) as port:
        found = await findings(http_port=port)
    assert Finding(True, SPEAK("check.http.running", host=LOOPBACK, port=port)) in found


async def test_a_host_that_is_not_of_this_machine_is_not_called_a_busy_port() -> None:
    found = await findings(http_host="192.0.2.1", http_port=8080)
    assert Finding(False, SPEAK("config_error.host_unknown", host="192.0.2.1", port=8080)) in found


async def test_an_address_for_hubs_without_a_port_is_told() -> None:
    found = await findings(public_url="https://bot.example.org")
    assert Finding(False, SPEAK("config_error.public_url_alone")) in found
