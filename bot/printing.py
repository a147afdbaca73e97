"""How `casse-croute read` shows an article: for a person, or as one JSON object a line."""

import json
import textwrap

from bot.articles.lenses import lens
from bot.locales import Words
from bot.models import Article, Section

WIDTH = 100


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
        "read.language": article.language,
        "read.published": f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else None,
        "read.reference": article.reference_url,
    }
    lines += [f"{words(key)} {value}" for key, value in facts.items() if value]
    for section in article.sections:
        known = lens(section.kind)
        name = known.name(words.language) if known else words("kind.other")
        heading = f" « {section.heading} »" if section.heading else ""
        lines += ["", f"[{name}]{heading} ({section.confidence:.0%})"]
        for paragraph in section.paragraphs:
            lines += [textwrap.fill(paragraph.text, WIDTH, initial_indent="  ", subsequent_indent="  ")]
    return "\n".join(lines) + "\n"
