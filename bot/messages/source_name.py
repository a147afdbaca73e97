"""What a source is called wherever moderators read of it. Pure."""

from bot.messages.cutting import cut
from bot.messages.links import host_of, safe_link
from bot.messages.markup import linked
from bot.messages.plain import one_line
from bot.models import Source

NAME = 80


def source_name(source: Source) -> str:
    """The source's title leading to its site; its address when it has none."""
    name = cut(one_line(source.title or ""), NAME) or cut(host_of(source.url) or one_line(source.url), NAME)
    return linked(name, safe_link(source.home_url, 200) or safe_link(source.url, 200))
