"""A source's filters in plain words, and what they would do to its last articles. Pure."""

from collections.abc import Iterable, Sequence

import discord

from bot.articles.filters import Filter, Verdict
from bot.delivery.preferences import preferences_of
from bot.delivery.typed_filters import kind_names, language_names
from bot.filtering import Outcome, Trial
from bot.locales import Words
from bot.messages.article_card import shown_title
from bot.messages.cutting import cut
from bot.messages.kinds import BRAND, long_name
from bot.messages.layout import container, counted, divider, message, text
from bot.messages.limits import CHOICE_NAME, size
from bot.messages.markup import escape_line
from bot.messages.plain import one_line
from bot.messages.source_name import source_name
from bot.subscriptions import Followed

ROOM = 3_000
"""Characters for the lines of one card."""

SHOWN_WORDS = 100
TITLE = 80

_GOOD = 0x4F9D5D


def filters_card(followed: Sequence[Followed], words: Words) -> discord.ui.LayoutView:
    head = "### " + words("filters.title")
    groups = [(each, preferences_of(each.subscription).filters) for each in followed]
    if not any(filters for _, filters in groups):
        return message(container(BRAND, [text(f"{head}\n{words('filters.empty')}")]))
    lines: list[str] = []
    for each, filters in groups:
        lines.append(f"**{source_name(each.source)}** → <#{each.subscription.channel_id}>")
        lines += [f"- {filter_line(one, words)}" for one in filters]
    return message(container(BRAND, [text(head), divider(), *_fitting(lines, "filters.more", words), _rule(words)]))


def added_filter_card(trial: Trial, added: Filter, words: Words) -> discord.ui.LayoutView:
    return _changed_card("filters.added", trial, added, words)


def removed_filter_card(trial: Trial, removed: Filter, words: Words) -> discord.ui.LayoutView:
    return _changed_card("filters.removed", trial, removed, words)


def trial_card(trial: Trial, words: Words) -> discord.ui.LayoutView:
    """What would become of each article, and why."""
    head = ["### " + words("filters.trial", source=source_name(trial.followed.source))]
    head += [f"- {filter_line(each, words)}{_untried(each, trial, words)}" for each in trial.filters]
    if not trial.filters:
        head.append(words("filters.none"))
    count = "**" + _count(trial, words) + "**"
    lines = [_outcome(each, words) for each in trial.outcomes]
    return message(
        container(
            BRAND,
            [
                *_fitting(head, "filters.more", words, room=800),
                divider(),
                *_fitting([count, *lines], "filters.more_articles", words, room=ROOM - 200),
                _rule(words, unfinished=trial.unfinished),
            ],
        )
    )


def filter_line(one: Filter, words: Words) -> str:
    """`Sauf · titre : publicité`."""
    shown = escape_line(_looked_for(one, words))
    if one.is_pattern:
        shown = words("filters.pattern", pattern=shown)
    mode, field = words(f"filters.mode.{one.mode}"), words(f"filters.field.{one.field}")
    return words("filters.line", mode=mode, field=field, words=shown)


def filter_choice(one: Filter, words: Words) -> str:
    """The same as a completion lists it."""
    mode, field = words(f"filters.mode.{one.mode}"), words(f"filters.field.{one.field}")
    return cut(one_line(words("filters.line", mode=mode, field=field, words=_looked_for(one, words))), CHOICE_NAME)


def choosable(field: str, language: str) -> dict[str, str]:
    """What a field can hold, to its names, where that can be chosen; else nothing."""
    names = {"language": language_names, "section": kind_names}.get(field)
    return names(language) if names else {}


def reason_line(verdict: Verdict, words: Words) -> str:
    """Why an article passes, or does not; empty when nothing was asked of it."""
    if not verdict.because:
        return ""
    listed = "; ".join(filter_line(each, words) for each in verdict.because[:3])
    if verdict.passes:
        return words("filters.wanted_by", filters=listed)
    mode = verdict.because[0].mode
    return words("filters.kept_out_by" if mode == "exclude" else "filters.lacks", filters=listed)


def _changed_card(key: str, trial: Trial, changed: Filter, words: Words) -> discord.ui.LayoutView:
    channel = f"<#{trial.followed.subscription.channel_id}>"
    lines = [
        "### " + words(key),
        words("settings.of", source=source_name(trial.followed.source), channel=channel),
        f"- {filter_line(changed, words)}",
        _count(trial, words) if trial.filters else words("filters.none"),
        "-# " + words("filters.from_now_on"),
    ]
    return message(container(_GOOD, [text("\n".join(lines))]))


def _outcome(outcome: Outcome, words: Words) -> str:
    article = outcome.article.article
    sign = "✅" if outcome.verdict.passes else "⛔"
    reason = reason_line(outcome.verdict, words)
    line = f"{sign} {escape_line(cut(shown_title(article, words), TITLE))}"
    return f"{line}\n-# {reason}" if reason else line


def _count(trial: Trial, words: Words) -> str:
    if not trial.outcomes:
        return words("filters.no_articles")
    return words("filters.passing", n=trial.passing, total=len(trial.outcomes))


def _untried(one: Filter, trial: Trial, words: Words) -> str:
    return f" · *{words('filters.not_kept')}*" if one == trial.candidate else ""


def _rule(words: Words, *, unfinished: bool = False) -> discord.ui.Item[discord.ui.LayoutView] | None:
    lines = [words("filters.rule"), *([words("filters.unfinished")] if unfinished else ())]
    return text("\n".join(f"-# {line}" for line in lines))


def _looked_for(one: Filter, words: Words) -> str:
    if one.field == "language":
        names = language_names(words.language)
        shown = ", ".join(names.get(code, code) for code in one.alternatives())
    elif one.field == "section":
        shown = ", ".join(long_name(kind, words) for kind in one.alternatives())
    else:
        shown = one.words
    return cut(one_line(shown), SHOWN_WORDS)


def _fitting(
    lines: Iterable[str], key: str, words: Words, *, room: int = ROOM
) -> list[discord.ui.Item[discord.ui.LayoutView] | None]:
    """As many lines as there is room for, and how many there are besides."""
    wanted, shown = list(lines), []
    for line in wanted:
        room -= size(line) + 1
        if room < 0:
            break
        shown.append(line)
    left = len(wanted) - len(shown)
    return [text("\n".join(shown)), text(f"-# {counted(words, key, left)}" if left else "")]
