"""What a source is called wherever moderators read of it. Pure."""

from bot.messages.cutting import cut
from bot.messages.limits import CHOICE_NAME, size
from bot.messages.links import host_of, safe_link
from bot.messages.markup import linked
from bot.messages.plain import one_line
from bot.models import Source
from bot.subscriptions import Followed

NAME = 80


def source_name(source: Source) -> str:
    """The source's title leading to its site; its address when it has none."""
    name = cut(one_line(source.title or ""), NAME) or cut(host_of(source.url) or one_line(source.url), NAME)
    return linked(name, safe_link(source.home_url, 200) or safe_link(source.url, 200))


def source_choice(followed: Followed, channel: str | None) -> str:
    """A source as a completion lists it: title, and the channel where the same source may be followed twice."""
    source = followed.source
    name = one_line(source.title or "") or host_of(source.url) or source.url
    if not channel:
        return cut(name, CHOICE_NAME)
    suffix = f" · #{cut(one_line(channel), 40)}"
    return cut(name, CHOICE_NAME - size(suffix)) + suffix
