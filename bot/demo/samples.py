"""The demo's articles: written for this project, kept as a writer would keep them (Markdown, HTML, plain text)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import PurePath

_FOLDER = files(__package__) / "articles"


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    alt: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    slug: str
    title: str
    author: str | None
    """None where the text itself opens with an author line, as articles in the wild do."""
    language: str
    html: str
    picture: Picture | None = None
    hours_ago: float | None = None
    """How old it is when the demo starts; None for those that are released while it runs."""


@cache
def load_samples() -> tuple[Sample, ...]:
    """Every sample, in the order of `articles/index.toml`."""
    index = tomllib.loads((_FOLDER / "index.toml").read_text(encoding="utf-8"))
    return tuple(_load(entry) for entry in index["article"])


def _load(entry: dict[str, str | float]) -> Sample:
    path = PurePath(str(entry["file"]))
    text = (_FOLDER / path.name).read_text(encoding="utf-8")
    author, hours_ago = entry.get("author"), entry.get("hours_ago")
    return Sample(
        slug=path.stem,
        title=str(entry["title"]),
        author=None if author is None else str(author),
        language=str(entry["language"]),
        html=_to_html(text, path.suffix),
        picture=_picture(entry),
        hours_ago=None if hours_ago is None else float(hours_ago),
    )


def _picture(entry: dict[str, str | float]) -> Picture | None:
    if "image" not in entry:
        return None
    name = str(entry["image"])
    return Picture(name, str(entry["alt"]), (_FOLDER / "images" / name).read_bytes())


def _to_html(text: str, suffix: str) -> str:
    match suffix:
        case ".html":
            return text
        case ".md":
            from markdown_it import MarkdownIt

            return str(MarkdownIt("commonmark").render(text))
        case _:
            return "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in text.splitlines() if line.strip())
