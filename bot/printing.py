"""How `casse-croute read` shows an article: for a person, or as one JSON object a line."""

import json
import textwrap

from babel.numbers import format_percent

from bot.articles.lenses import lens
from bot.locales import Words, language_name
from bot.models import Article, Section

WIDTH = 100
_WRAPPED = textwrap.TextWrapper(
    WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
)
"""Addresses stay whole."""


def as_json(article: Article) -> str:
    """The contract of `read --json`: fixed names, paragraphs in the text's own words, whole and in order."""
    return json.dumps(
        {
            "title": article.title,
            "author": article.author,
            "language": article.language,
            "reference_url": article.reference_url,
            "published_at": article.published_at.isoformat() if article.published_at else None,
            "sections": [_section_fields(section) for section in article.sections],
        },
        ensure_ascii=False,
    )


def _section_fields(section: Section) -> dict[str, object]:
    return {
        "kind": section.kind,
        "heading": section.heading,
        "confidence": round(section.confidence, 4),
        "paragraphs": [paragraph.text for paragraph in section.paragraphs],
    }


def as_text(article: Article, words: Words) -> str:
    lines = [article.title, "=" * min(len(article.title), WIDTH)]
    facts = {
        "read.author": article.author,
        "read.language": language_name(article.language or "", words.language) or article.language,
        "read.published": f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else None,
        "read.reference": article.reference_url,
    }
    lines += [f"{words(key)} {value}" for key, value in facts.items() if value]
    for section in article.sections:
        known = lens(section.kind)
        name = known.name(words.language) if known else words("kind.other")
        heading = " " + words("read.heading", heading=section.heading) if section.heading else ""
        sure = format_percent(section.confidence, locale=words.language)
        lines += ["", f"[{name}]{heading} ({sure})"]
        lines += [_WRAPPED.fill(paragraph.text) for paragraph in section.paragraphs]
    return "\n".join(lines) + "\n"
