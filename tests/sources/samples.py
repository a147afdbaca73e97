"""The sample article in the forms that sources give it."""

from html import escape
from pathlib import Path

DATA = Path(__file__).parents[1] / "data" / "sources"
PARAGRAPHS = (DATA / "article.txt").read_text(encoding="utf-8").strip().split("\n")
FRAGMENT = "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in PARAGRAPHS)


def sample(name: str) -> bytes:
    return (DATA / name).read_bytes()


def page(article: str = FRAGMENT) -> bytes:
    """A whole page with everything that surrounds an article on real sites."""
    return sample("page.html").replace(b"@@ARTICLE@@", article.encode())


def words(html: str) -> list[str]:
    """The paragraphs of a piece of HTML, as a reader would compare them."""
    import re
    from html import unescape

    pieces = re.split(r"</?(?:p|h[1-6]|li|ul|ol|blockquote|div|pre)[^>]*>|\n", html)
    return [text for piece in pieces if (text := " ".join(unescape(re.sub(r"<[^>]*>", "", piece)).split()))]
