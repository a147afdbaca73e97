"""The demo as a visitor meets it: a real process, a real browser, the real bot behind the buttons.

It also guards the private names of SimCord's Preview that `bot.demo.stage` stands on.
"""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.locales import words
from bot.messages.kinds import short_name
from tests.demo.process import Demo, free_port, running_demo

playwright = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SHOTS = os.environ.get("CASSE_CROUTE_SCREENSHOTS")
"""A folder for pictures of what the tests see; none are taken when it is not set."""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine"),
    pytest.mark.timeout(180),
]

SPEAK = words("fr")
RECORDER = """
window.seenActions = [];
setInterval(() => {
  const action = window.simcordPreview?.lastAction;
  if (action && action.settlement !== 'pending' && action.requestId !== window.seenActions.at(-1)?.requestId)
    window.seenActions.push({...action});
}, 5);
"""
"""The page keeps its last action only, and what it does by itself, such as telling its new size, is one too."""

FIRST = "L’érablière qui entend ses fuites"
LIVE = "Un permis de clôture à trois heures du matin"


class Visitor:
    """Somebody in front of the page."""

    def __init__(self, page: "playwright.Page") -> None:
        self.page = page
        self.log = page.get_by_role("log")

    async def press(self, label: str, *, card: str) -> None:
        """Press a button of the announcement that is titled `card`, and wait until the bot has answered."""
        title = self.page.get_by_role("heading", name=card)
        await self._act(self.log.locator("article").filter(has=title).first.get_by_role("button", name=label))

    async def press_last(self, label: str) -> None:
        """Press a button of the newest message."""
        await self._act(self.log.locator("article").last.get_by_role("button", name=label))

    async def run(self, command: str, **options: str) -> None:
        """Use a command as a person does: choose it, then each option, then send."""
        await self.page.locator("#channel-composer-input").click()
        await self.page.keyboard.type(f"/{command}")
        await self.page.locator(".command-suggestion, [role=option]").first.wait_for()
        await self.page.keyboard.press("Enter")
        for name, value in options.items():
            await self._fill(name, value)
        await self._act(self.page.locator("#send-message"))

    async def commands(self) -> str:
        """What the picker offers."""
        composer = self.page.locator("#channel-composer-input")
        await composer.click()
        await self.page.keyboard.type("/")
        popup = self.page.locator("[role=listbox]:visible").first
        await popup.wait_for()
        found = await popup.inner_text()
        await self.page.keyboard.press("Escape")
        await composer.fill("")
        return str(found)

    async def become(self, name: str) -> None:
        await self.page.select_option("#viewer-picker", label=name)
        await self._until("state => state.ready && !state.pendingAction")

    async def sees(self, text: str) -> None:
        await self.log.get_by_text(text).last.wait_for()

    async def sees_picture(self, alt: str) -> None:
        picture = self.log.get_by_alt_text(alt).first
        await picture.wait_for(state="attached")
        async with asyncio.timeout(10):
            while True:
                if await picture.evaluate("image => image.complete && image.naturalWidth > 100"):
                    return
                await self.page.wait_for_timeout(50)

    async def shoot(self, name: str) -> None:
        if SHOTS:
            await self.page.wait_for_timeout(500)
            await self.page.screenshot(path=Path(SHOTS) / f"{name}.png")

    async def _fill(self, name: str, value: str) -> None:
        field = self.page.locator(f'.command-option-input[data-option="{name}"]')
        if not await field.is_visible():
            suggestion = self.page.locator(f'.command-suggestion[data-value="{name}"]')
            if not await suggestion.is_visible():
                await self.page.locator(".command-ghost").click()
            await suggestion.click()
        await field.click()
        await self.page.keyboard.type(value)
        if await field.get_attribute("role") == "combobox":
            await self.page.locator(".command-suggestion").filter(has_text=value).first.click()

    async def _act(self, control: "playwright.Locator") -> None:
        before = await self.page.evaluate("window.seenActions.length")
        await control.click()
        news = f"window.seenActions.slice({before}).filter(action => action.dispatch !== 'not_dispatched')"
        await self._until(f"state => {news}.length && !state.pendingAction")
        for action in await self.page.evaluate(news):
            assert action["settlement"] == "settled", action
            assert action["dispatch"] == "dispatched", action
            assert not action["uncertain"], action

    async def _until(self, condition: str) -> None:
        """Wait for the page's own state; the page's security policy forbids Playwright's way of waiting for it."""
        async with asyncio.timeout(30):
            while True:
                if await self.page.evaluate(f"({condition})(window.simcordPreview)"):
                    return
                await self.page.wait_for_timeout(50)


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 1000}, locale="fr-CA")
        page.set_default_timeout(20_000)
        await page.add_init_script(RECORDER)
        await page.goto(url)
        try:
            yield Visitor(page)
        finally:
            await browser.close()


async def test_a_visitor_reads_asks_and_configures() -> None:
    async with running_demo(free_port()) as demo:
        url = (await demo.line(r"(http://127\.0\.0\.1:\d+/#\S+)"))[1]
        feed = (await demo.line(r"(http://\S+/atom\.xml)"))[1]
        async with visiting(url) as visitor:
            await visitor.become("Rosaire")
            await _reads_the_card(visitor)
            await _asks(visitor)
            await _sees_an_article_arrive(visitor, demo)
            await _is_served_in_english(visitor)
            assert "config" not in await visitor.commands()
            await visitor.become("Simone")
            assert "/config source add" in await visitor.commands()
            await _configures(visitor, feed)
        demo.process.send_signal(signal.SIGINT)
        await demo.line(re.escape(SPEAK("demo.stopped")))
        async with asyncio.timeout(15):
            assert await demo.process.wait() == 0
        assert "Traceback" not in "".join(demo.lines)


async def _reads_the_card(visitor: Visitor) -> None:
    await visitor.sees(FIRST)
    await visitor.sees_picture("Trois érables")
    await visitor.shoot("member-card")
    for kind, opening in {
        "neutral": "Les chiffres sont bons",
        "optimistic": "Voilà une technologie",
        "pessimistic": "Neuf mille dollars",
        "analogy": "Quand la friteuse est pleine",
    }.items():
        await visitor.press(short_name(kind, SPEAK), card=FIRST)
        await visitor.sees(opening)
        await visitor.shoot(f"member-{kind}")
    await visitor.press(SPEAK("button.compare"), card=FIRST)
    await visitor.sees(SPEAK("compare.title"))
    await visitor.shoot("member-compare")


async def _asks(visitor: Visitor) -> None:
    await visitor.run("poutine")
    await visitor.sees("Quand la friteuse est pleine")
    await visitor.run("perspective", view=SPEAK("choice.neutral"), article="baleines")
    await visitor.sees("Ce projet mérite")
    await visitor.shoot("member-long-first-page")
    await visitor.press_last(SPEAK("button.next"))
    await visitor.sees(SPEAK("answer.page", page=2, pages=3))
    await visitor.shoot("member-long-second-page")
    await visitor.run("poutine", article="initiation")
    await visitor.sees(SPEAK("answer.missing.analogy"))
    await visitor.shoot("member-missing")
    await visitor.run("compare", share="True")
    await visitor.run("article", article="seed")
    await visitor.sees("2,300 varieties")
    await visitor.shoot("member-article")


async def _sees_an_article_arrive(visitor: Visitor, demo: Demo) -> None:
    await demo.line(re.escape(LIVE))
    await visitor.sees(LIVE)
    await visitor.sees_picture("Un hôtel de ville")
    await visitor.press(short_name("analogy", SPEAK), card=LIVE)
    await visitor.sees("Tant qu’il sait quand crier après Roger")
    await visitor.shoot("member-live")


async def _is_served_in_english(visitor: Visitor) -> None:
    await visitor.become("Maeve")
    await visitor.press(short_name("optimistic", SPEAK), card=FIRST)
    await visitor.sees("Optimistic view")
    await visitor.shoot("visitor-english")


async def _configures(visitor: Visitor, feed: str) -> None:
    await visitor.run("config source list")
    await visitor.sees("Le Comptoir numérique")
    await visitor.shoot("moderator-list")
    await visitor.run("config source add", url=feed, channel="salon")
    await visitor.sees(SPEAK("config.added.title"))
    await visitor.shoot("moderator-added")
    await visitor.run("config show")
    await visitor.sees("⚙️ Réglages")
    await visitor.shoot("moderator-show")
