"""Rows to models and back; the only place that knows how structured values are spelled as JSON."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import (
    Article,
    Credentials,
    Delivery,
    DeliveryState,
    Image,
    Paragraph,
    Section,
    Source,
    SourceKind,
    SourceState,
    StoredArticle,
    Subscription,
    SubscriptionState,
)
from bot.storage.columns import storable
from bot.storage.schema import articles, sections, sources
from bot.storage.titles import fold

_PARAGRAPHS = TypeAdapter(tuple[Paragraph, ...])
_CATEGORIES = TypeAdapter(tuple[str, ...])

source_name: ColumnElement[str] = func.coalesce(sources.c.title, sources.c.url)
"""What an article's source is called where it has no title of its own."""

stored_articles: Select[Any] = select(articles, source_name.label("source_title")).join(sources)


def article_values(article: Article) -> dict[str, object]:
    """The columns of `articles` that come from the source."""
    return {
        "title": article.title,
        "title_key": fold(article.title),
        "author": article.author,
        "language": article.language,
        "url": article.url,
        "reference_url": article.reference_url,
        "image_url": article.image.url if article.image else None,
        "image_alt": article.image.alt if article.image else None,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "categories": _CATEGORIES.dump_json(tuple(map(storable, article.categories))).decode(),
    }


def section_values(article: Article) -> list[dict[str, object]]:
    """The rows of `sections`, but for the article's id."""
    return [
        {
            "position": position,
            "kind": section.kind,
            "heading": section.heading,
            "confidence": section.confidence,
            "paragraphs": _paragraphs_json(section.paragraphs),
        }
        for position, section in enumerate(article.sections)
    ]


def _paragraphs_json(paragraphs: tuple[Paragraph, ...]) -> str:
    try:
        return _PARAGRAPHS.dump_json(paragraphs, exclude_defaults=True).decode()
    except PydanticSerializationError:  # half of a surrogate pair: replaced one for one, so that spans still fit
        return _PARAGRAPHS.dump_json(tuple(map(_mended, paragraphs)), exclude_defaults=True).decode()


def _mended(paragraph: Paragraph) -> Paragraph:
    spans = tuple(
        span.model_copy(update={"url": None if span.url is None else storable(span.url)}) for span in paragraph.spans
    )
    return paragraph.model_copy(update={"text": storable(paragraph.text), "spans": spans})


async def load_articles(connection: AsyncConnection, ids: Collection[int]) -> Mapping[int, StoredArticle]:
    """Whole articles by id, in two statements however many there are; ids that are not stored are left out."""
    if not ids:
        return {}
    found = (await connection.execute(stored_articles.where(articles.c.id.in_(ids)))).all()
    texts = await connection.execute(
        select(sections).where(sections.c.article_id.in_(ids)).order_by(sections.c.article_id, sections.c.position)
    )
    return to_articles(found, texts)


def to_articles(rows: Iterable[Row[Any]], section_rows: Iterable[Row[Any]]) -> Mapping[int, StoredArticle]:
    by_article: dict[int, list[Section]] = defaultdict(list)
    for row in section_rows:
        by_article[row.article_id].append(
            Section(
                kind=row.kind,
                heading=row.heading,
                confidence=row.confidence,
                paragraphs=_PARAGRAPHS.validate_json(row.paragraphs),
            )
        )
    return {row.id: _to_article(row, tuple(by_article[row.id])) for row in rows}


def _to_article(row: Row[Any], its_sections: tuple[Section, ...]) -> StoredArticle:
    return StoredArticle(
        id=row.id,
        source_id=row.source_id,
        source_title=row.source_title,
        found_at=row.found_at,
        revised_at=row.revised_at,
        article=Article(
            title=row.title,
            author=row.author,
            language=row.language,
            url=row.url,
            reference_url=row.reference_url,
            image=None if row.image_url is None else Image(url=row.image_url, alt=row.image_alt),
            published_at=row.published_at,
            updated_at=row.updated_at,
            categories=_CATEGORIES.validate_json(row.categories),
            sections=its_sections,
        ),
    )


def to_source(row: Row[Any]) -> Source:
    return Source(
        id=row.id,
        url=row.url,
        kind=SourceKind(row.kind),
        title=row.title,
        home_url=row.home_url,
        language=row.language,
        state=SourceState(row.state),
        etag=row.etag,
        last_modified=row.last_modified,
        seeded_at=row.seeded_at,
        next_check_at=row.next_check_at,
        last_checked_at=row.last_checked_at,
        last_success_at=row.last_success_at,
        last_failure_at=row.last_failure_at,
        last_failure=row.last_failure,
        failures=row.failures,
        failing_since=row.failing_since,
        last_new_at=row.last_new_at,
        gap_seconds=row.gap_seconds,
        ttl_seconds=row.ttl_seconds,
        skip_hours=_numbers(row.skip_hours),
        skip_days=_numbers(row.skip_days),
        moved_to=row.moved_to,
        moved_sightings=row.moved_sightings,
        owner_guild_id=row.owner_guild_id or None,
        credentials=None if row.credentials is None else to_credentials(row.credentials),
    )


def to_credentials(stored: str) -> Credentials:
    return Credentials(**json.loads(stored))


def credentials_json(credentials: Credentials) -> str:
    return json.dumps({"header": credentials.header, "value": credentials.value.get_secret_value()})


def _numbers(stored: str) -> tuple[int, ...]:
    return () if stored == "[]" else tuple(json.loads(stored))


def to_subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        source_id=row.source_id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        state=SubscriptionState(row.state),
        suspended_reason=row.suspended_reason,
        created_by=row.created_by,
        created_at=row.created_at,
        preferences=row.preferences,
        held_until=row.held_until,
        held_reason=row.held_reason,
    )


def to_delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        article_id=row.article_id,
        subscription_id=row.subscription_id,
        channel_id=row.channel_id,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        tried_at=row.tried_at,
        message_id=row.message_id,
        sent_at=row.sent_at,
        last_error=row.last_error,
    )
