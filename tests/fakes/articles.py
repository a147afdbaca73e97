"""Articles for tests: a poutine with everything on it, a plain piece of news, and one by somebody hostile."""

from datetime import UTC, datetime

from bot.models import Article, Block, Image, Kind, Paragraph, Section, Span, SpanStyle, StoredArticle

FOUND_AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def words_of(*texts: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(text=text) for text in texts)


def stored(article: Article, number: int = 12, source_title: str = "Le Comptoir") -> StoredArticle:
    return StoredArticle(id=number, source_id=3, source_title=source_title, found_at=FOUND_AT, article=article)


def full_article(**changes: object) -> Article:
    """All five sections, in French."""
    article = Article(
        title="Un modèle de langue qui tient dans un vieux cellulaire",
        author="Étienne Marcoux-Roy",
        language="fr",
        url="https://comptoir.example/modele-dans-la-poche",
        reference_url="https://www.minuscule.example/annonces/1b",
        image=Image(url="https://comptoir.example/cellulaire.jpg", alt="Un téléphone fêlé sur un comptoir"),
        published_at=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
        sections=(
            Section(
                kind=Kind.SUMMARY,
                paragraphs=words_of(
                    "Une équipe de Sherbrooke publie un modèle de langue qui fonctionne sans connexion, sur un "
                    "téléphone vieux de cinq ans.",
                    "Les poids sont offerts sous une licence permissive.",
                ),
            ),
            Section(
                kind=Kind.NEUTRAL,
                paragraphs=words_of("Un petit modèle excelle dans les tâches étroites et s’égare dans les longues."),
            ),
            Section(
                kind=Kind.ANALOGY,
                paragraphs=words_of(
                    "C’est une poutine format bébé : moins de fromage, des frites plus petites, et le plat reste là."
                ),
            ),
            Section(
                kind=Kind.OPTIMISTIC,
                paragraphs=words_of(
                    "J’ai installé la chose sur le téléphone fêlé de mon tiroir. Il répond.",
                    "Pour les régions mal desservies, la différence est bien concrète.",
                ),
            ),
            Section(
                kind=Kind.PESSIMISTIC,
                paragraphs=words_of("Un modèle qu’on ne peut plus débrancher, on ne peut plus le corriger non plus."),
            ),
        ),
    )
    return article.model_copy(update=changes)


def plain_article(**changes: object) -> Article:
    """Ordinary news in English: a summary and nothing else."""
    article = Article(
        title="Ferry back in service",
        language="en",
        url="https://harbour.example/ferry",
        sections=(
            Section(
                kind=Kind.SUMMARY,
                paragraphs=(
                    Paragraph(
                        text="The ferry is back. See the timetable.",
                        spans=(
                            Span(start=4, end=9, style=SpanStyle.BOLD),
                            Span(start=27, end=36, style=SpanStyle.LINK, url="https://harbour.example/times"),
                        ),
                    ),
                    Paragraph(text="Mornings", block=Block.ITEM),
                    Paragraph(text="Evenings", block=Block.ITEM),
                ),
            ),
        ),
    )
    return article.model_copy(update=changes)


def hostile_article() -> Article:
    """Everything a title or a text may try."""
    title = (
        "@everyone <@1> **[Gagnez](https://evil.example)** `x` ||y|| \u202egnirts\u202c https://evil.example/a_b "
        "<t:1:R> :heart: # > - 1. "
    )
    text = "# @here\n> -# [banque.example](https://evil.example) \u200b\u200d👩‍👩‍👧 é́́́́́́́́ <#5> </x:1> ~~z~~ \\ ``` "
    link = Span(start=0, end=14, style=SpanStyle.LINK, url="https://evil.example/(")
    return Article(
        title=title * 100,
        author="@everyone " * 50,
        language="fr",
        url="https://comptoir.example/(" + "a" * 400,
        reference_url="https://minuscule.example/" + "é" * 60,
        image=Image(url="https://comptoir.example/" + "i" * 2_000, alt="alt " * 900),
        published_at=datetime(1, 1, 2, tzinfo=UTC),
        sections=tuple(
            Section(kind=kind, paragraphs=(Paragraph(text=text * 100, spans=(link,)), Paragraph(text="x" * 10_000)))
            for kind in (*Kind, "local", "ethical-" + "a" * 24, *(f"own-{number}" for number in range(20)))
        ),
    )
