"""How well headings are followed: `python -m tests.bench.headings [--all] [--misses]`.

Every twelfth labelled article, or each of them, is given headings, in each of many styles of Markdown, HTML and plain
text, with wordings drawn anew for each, its sections in any order, an unknown heading among them; what comes out is
compared paragraph by paragraph. Ordinary articles get unknown headings only, and must come out without a perspective.
"""

import html
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.articles.builder import build_article
from bot.models import PERSPECTIVES, BodyFormat, Entry, Kind
from tests.bench.labeller.data import load_articles

WORDINGS = {
    ("fr", "summary"): (
        "Résumé|En bref|Les faits|L’essentiel|Ce qu’il faut savoir|Synthèse|📰 Résumé|Que s’est-il passé ?|Le résumé|"
        "Résumé de l’article|📝 En résumé|La nouvelle en bref"
    ),
    ("fr", "neutral"): (
        "Point de vue neutre|Neutre|⚖️ Neutre|Regard équilibré|Un regard neutre|Perspective neutre|Le juste milieu|"
        "Analyse neutre|Le pour et le contre|Vision neutre|Entre les deux|⚖️ Point de vue neutre|Lecture nuancée"
    ),
    ("fr", "analogy"): (
        "Poutine|La poutine|Analogie|L’analogie de la poutine|🍟 Poutine|Expliqué en poutine|L’analogie|"
        "Version poutine|Analogie : la poutine|En mots de tous les jours|🍟 L’analogie du jour|Métaphore"
    ),
    ("fr", "optimistic"): (
        "Point de vue optimiste|Optimiste|☀️ Optimiste|Le bon côté|Vision optimiste|Le verre à moitié plein|"
        "🌞 Le côté positif|Perspective optimiste|Pourquoi s’en réjouir|L’optimiste|Le point de vue de l’optimiste|"
        "😊 Optimiste"
    ),
    ("fr", "pessimistic"): (
        "Point de vue pessimiste|Pessimiste|🌧️ Pessimiste|Le mauvais côté|Vision pessimiste|Le verre à moitié vide|"
        "⛈️ Le revers de la médaille|Perspective pessimiste|Pourquoi s’inquiéter|Le pessimiste|La face sombre|"
        "😟 Pessimiste"
    ),
    ("en", "summary"): (
        "Summary|In brief|The facts|In a nutshell|What happened|What you need to know|📰 Summary|TL;DR|The gist|"
        "At a glance|The story so far|Key points"
    ),
    ("en", "neutral"): (
        "Neutral|Neutral view|The neutral view|⚖️ Neutral|A balanced view|Neutral perspective|The middle ground|"
        "On balance|Both sides|A neutral take|Neutral point of view|⚖️ Balanced"
    ),
    ("en", "analogy"): (
        "Poutine|The poutine|Analogy|The analogy|🍟 Poutine|Think of it as a poutine|The poutine analogy|"
        "An everyday analogy|In everyday terms|🍟 Everyday analogy|Poutine version|Picture this"
    ),
    ("en", "optimistic"): (
        "Optimistic|The bright side|Optimistic view|☀️ Optimistic|Glass half full|The optimist’s view|"
        "🌞 The bright side|Optimistic perspective|The upside|Good news|The silver lining|Reasons to be cheerful"
    ),
    ("en", "pessimistic"): (
        "Pessimistic|The dark side|Pessimistic view|🌧️ Pessimistic|Glass half empty|The pessimist’s view|"
        "⛈️ The dark side|Pessimistic perspective|The downside|Bad news|The worst case|Reasons to worry"
    ),
    ("fr", "other"): "Repères|Sources|Méthodologie|Pour aller plus loin|Chronologie|La suite|Sur le terrain|Glossaire",
    ("en", "other"): "Timeline|Sources|Methodology|Definitions|What comes next|On the ground|Glossary|Who is who",
}
EXTRA = {
    "fr": "Cette section porte un titre que rien ne rattache à un point de vue. Elle doit rester telle quelle.",
    "en": "This section has a heading that names no view at all. It has to stay as it is, with its heading.",
}

Render = Callable[[str, Sequence[str]], str]


_MARKS = re.compile(r"([\\`*_~\[\]<>|])")


def _escape(text: str) -> str:
    """Markdown's own signs, as words."""
    return _MARKS.sub(r"\\\1", text)


def _markdown(heading: Callable[[str], str]) -> Render:
    return lambda name, texts: "\n\n".join([heading(name), *map(_escape, texts)]) + "\n\n"


def _text(heading: Callable[[str], str]) -> Render:
    return lambda name, texts: "\n\n".join([heading(name), *texts]) + "\n\n"


def _html(heading: Callable[[str], str]) -> Render:
    return lambda name, texts: heading(html.escape(name)) + "".join(f"<p>{html.escape(text)}</p>" for text in texts)


def _run_in(opening: Callable[[str], str], escape: Callable[[str], str], wrap: Callable[[str], str]) -> Render:
    def render(name: str, texts: Sequence[str]) -> str:
        first, *rest = map(escape, texts)
        return "".join(map(wrap, [f"{opening(escape(name))} {first}", *rest]))

    return render


def _same(text: str) -> str:
    return text


def _block(text: str) -> str:
    return text + "\n\n"


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>"


STYLES: dict[str, tuple[BodyFormat, Render]] = {
    "markdown ##": (BodyFormat.MARKDOWN, _markdown("## {}".format)),
    "markdown ####": (BodyFormat.MARKDOWN, _markdown("#### {} ####".format)),
    "markdown, underlined": (BodyFormat.MARKDOWN, _markdown(lambda name: f"{name}\n{'-' * len(name)}")),
    "markdown, bold": (BodyFormat.MARKDOWN, _markdown("**{}**".format)),
    "markdown, numbered": (BodyFormat.MARKDOWN, _markdown("## 1. {}".format)),
    "markdown, bold run-in": (BodyFormat.MARKDOWN, _run_in("**{} :**".format, _escape, _block)),
    "html h2": (BodyFormat.HTML, _html("<h2>{}</h2>".format)),
    "html h3 in a section": (
        BodyFormat.HTML,
        lambda name, texts: f"<section>{_html('<h3>{}</h3>'.format)(name, texts)}</section>",
    ),
    "html h4, classes": (BodyFormat.HTML, _html('<h4 class="wp-block"><span>{}</span></h4>'.format)),
    "html strong": (BodyFormat.HTML, _html("<p><strong>{}</strong></p>".format)),
    "html bold, colon": (BodyFormat.HTML, _html("<p><b>{}&nbsp;:</b></p>".format)),
    "html run-in": (BodyFormat.HTML, _run_in("<strong>{} :</strong>".format, html.escape, _paragraph)),
    "text": (BodyFormat.TEXT, _text(_same)),
    "text, colon": (BodyFormat.TEXT, _text("{} :".format)),
    "text, capitals": (BodyFormat.TEXT, _text(str.upper)),
    "text, signs": (BodyFormat.TEXT, _text("=== {} ===".format)),
    "text, underlined": (BodyFormat.TEXT, _text(lambda name: f"{name}\n{'=' * len(name)}")),
    "text, one line each": (BodyFormat.TEXT, lambda name, texts: "\n".join([name, *texts]) + "\n"),
    "text, dashes": (BodyFormat.TEXT, _text("— {} —".format)),
}


@dataclass(frozen=True, slots=True)
class Miss:
    style: str
    article: str
    headings: tuple[str, ...]
    expected: str
    found: str | None
    text: str


def judged(article: dict[str, object], style: str, chance: random.Random) -> Iterator[Miss | None]:
    """One item per paragraph: None where it is right."""
    body_format, render = STYLES[style]
    language = str(article["language"])[:2]
    sections: list[tuple[str, list[str]]] = [(each["kind"], each["paragraphs"]) for each in article["sections"]]  # type: ignore[attr-defined]
    ordinary = any(kind == Kind.OTHER for kind, _ in sections)
    if ordinary:
        texts = [text for _, texts in sections for text in texts]
        sections = [(Kind.OTHER, texts[at : at + 3]) for at in range(0, len(texts), 3)]
    else:
        chance.shuffle(sections)
        sections.insert(chance.randrange(1, len(sections) + 1), (Kind.OTHER, [EXTRA[language]]))
    named = [(kind, chance.choice(WORDINGS[language, kind].split("|")), texts) for kind, texts in sections]
    body = "".join(render(name, texts) for _, name, texts in named)
    found = build_article(Entry("id", title=str(article["title"]), body=body, body_format=body_format))
    kinds = {paragraph.text: str(section.kind) for section in found.sections for paragraph in section.paragraphs}
    headings = tuple(name for _, name, _ in named)
    for kind, _, texts in named:
        for text in texts:
            at = kinds.get(text) or next((value for key, value in kinds.items() if text in key), None)
            right = at == kind or (ordinary and at is not None and at not in (*PERSPECTIVES, Kind.ANALOGY))
            yield None if right else Miss(style, str(article["name"]), headings, kind, at, text)


def main() -> None:
    chance = random.Random(11)
    counts: Counter[str] = Counter()
    misses: list[Miss] = []
    for article in load_articles()[:: 1 if "--all" in sys.argv else 12]:
        for style in STYLES:
            for miss in judged(article, style, chance):
                counts[style] += 1
                misses += [miss] if miss else []
    wrong = Counter(miss.style for miss in misses)
    for style, total in counts.items():
        print(f"{style:24} {1 - wrong[style] / total:7.2%} of {total}")
    print(f"{'all':24} {1 - len(misses) / counts.total():7.2%} of {counts.total()}")
    if "--misses" in sys.argv:
        for miss in misses[:: max(1, len(misses) // 60)]:
            print(f"{miss.style}: {miss.article}: {miss.expected} as {miss.found}: {miss.headings} {miss.text[:60]!r}")


if __name__ == "__main__":
    main()
