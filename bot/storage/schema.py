"""The tables of Casse-croûte.

Columns are grouped by origin: *from the source* (written by strangers, any length), *from Discord* (snowflakes),
*ours*. A column is nullable only where its comment says what its absence means. Each index says which question it
answers. A change here needs a migration (`migrations/versions`); a test compares the two.

Text is stored the same way on both engines, times as instants, structured values as JSON text: nothing here is
read by SQL beyond `=`, `<` and LIKE.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    TextClause,
    UniqueConstraint,
    text,
)

from bot.storage.columns import Instant, Prose

Snowflake = BigInteger
"""A Discord id: 64 bits, given by Discord."""

Key = BigInteger().with_variant(Integer, "sqlite")
"""Our own rising key. SQLite only generates keys for a column that is spelled INTEGER."""

PENDING = text("state = 'pending'")
SENT = text("state = 'sent'")

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def _partial_index(name: str, *columns: str, where: TextClause) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


servers = Table(
    "servers",
    metadata,
    # from Discord
    Column("guild_id", Snowflake, primary_key=True, autoincrement=False),
    # from its moderators
    Column("language", Prose, nullable=True),  # null: the operator's default
    Column("timezone", Prose, nullable=True),  # IANA name; null: the bot's default
    Column("log_channel_id", Snowflake, nullable=True),  # null: notices go to the server's system channel
    comment="What a Discord server has set. One that has set nothing has no row.",
)

sources = Table(
    "sources",
    metadata,
    # ours
    Column("id", Key, primary_key=True),
    Column("kind", Prose, nullable=False),  # a SourceKind
    Column("state", Prose, nullable=False),  # a SourceState
    Column("created_at", Instant, nullable=False),
    # from the source
    Column("url", Prose, nullable=False),  # where it is fetched, after discovery; shared by all servers
    Column("title", Prose, nullable=True),  # null: it names itself nowhere
    Column("home_url", Prose, nullable=True),  # null: it says nowhere
    Column("language", Prose, nullable=True),  # null: it declares none
    Column("etag", Prose, nullable=True),  # null: its last answer had none
    Column("last_modified", Prose, nullable=True),  # null: its last answer had none; sent back as it came
    Column("ttl_seconds", Integer, nullable=True),  # null: it asks for no pause
    Column("skip_hours", Prose, nullable=False, server_default="[]"),  # JSON: hours, UTC, in which it wants to rest
    Column("skip_days", Prose, nullable=False, server_default="[]"),  # JSON: days of the week, Monday 0, likewise
    Column("moved_to", Prose, nullable=True),  # null: its last answer did not say that it moved
    Column("moved_sightings", Integer, nullable=False, server_default="0"),  # times in a row that it said so
    # from its address
    Column("host", Prose, nullable=True),  # whose patience its checks share; null: a folder
    # from Discord
    Column("owner_guild_id", Snowflake, nullable=False, server_default="0"),  # whose private feed; 0: everybody's
    # from its moderators, and never shown, logged or exported
    Column("credentials", Prose, nullable=True),  # JSON: the header that opens it, and its value; null: it is public
    # our schedule
    Column("next_check_at", Instant, nullable=False),
    Column("lease_until", Instant, nullable=True),  # null: nobody is checking it
    Column("seeded_at", Instant, nullable=True),  # null: no check was stored yet, the next one seeds
    # our history
    Column("last_checked_at", Instant, nullable=True),  # null: never, as for the next three
    Column("last_success_at", Instant, nullable=True),
    Column("last_failure_at", Instant, nullable=True),  # kept after a success, as history
    Column("last_failure", Prose, nullable=True),  # a FailureReason; goes with last_failure_at
    Column("failures", Integer, nullable=False),  # failed checks since the last success
    Column("failing_since", Instant, nullable=True),  # null: its last check went well
    Column("last_new_at", Instant, nullable=True),  # null: nothing new since its first check
    Column("gap_seconds", Integer, nullable=True),  # between two articles, usually; null: not known yet
    # A public address is shared by all servers. A private feed is its server's own: no other can learn of it, and new
    # credentials replace the old ones in place, where a digest of them in the key would announce everything again.
    UniqueConstraint("url", "owner_guild_id"),
    # "Which sources are due, oldest first?"
    Index("sources_due", "next_check_at", "id"),
    # "Which are being checked, and until when?": few rows at any moment
    _partial_index("sources_leased", "lease_until", where=text("lease_until IS NOT NULL")),
    sqlite_autoincrement=True,
    comment="Addresses that articles come from, whoever follows them. Kept when nobody does any more.",
)

articles = Table(
    "articles",
    metadata,
    # ours; never reused, since buttons of old messages hold it
    Column("id", Key, primary_key=True),
    Column("source_id", Key, ForeignKey("sources.id"), nullable=False),
    Column("identity", Prose, nullable=False),  # what makes it one and the same within its source
    Column("content_hash", Prose, nullable=False),  # the decider's fingerprint of the entry as listed
    Column("found_at", Instant, nullable=False),
    Column("sort_at", Instant, nullable=False),  # published_at, but never later than found_at
    Column("title_key", Prose, nullable=False),  # the title folded for search: see bot.storage.titles
    # from the source, understood
    Column("title", Prose, nullable=False),
    Column("author", Prose, nullable=True),  # null: unsigned
    Column("language", Prose, nullable=False),  # ISO 639-1
    Column("url", Prose, nullable=True),  # null: it can be read nowhere else
    Column("reference_url", Prose, nullable=True),  # null: it is about no other text
    Column("image_url", Prose, nullable=True),  # null: no image
    Column("image_alt", Prose, nullable=True),  # null: its author wrote none
    Column("published_at", Instant, nullable=True),  # null: undated
    Column("updated_at", Instant, nullable=True),  # null: never, or not said
    Column("categories", Prose, nullable=False),  # JSON list of strings
    # ours
    Column("announced", Boolean, nullable=True),  # whether it was news when found; null: from before this was kept
    Column("revised_at", Instant, nullable=True),  # null: it still says what it said when it was found
    Column("sketch", Prose, nullable=True),  # hex, bot.updates.traces.Sketch; null: too little text to compare
    # "Is this entry known?", and the promise that none is stored twice
    UniqueConstraint("source_id", "identity"),
    # "The newest of these sources", "titles with these words, newest first"
    Index("articles_newest", "source_id", "sort_at", "id"),
    sqlite_autoincrement=True,
    comment="Entries understood; their text is in sections.",
)

sections = Table(
    "sections",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),  # from 0, in the article's own order
    # from the source, understood
    Column("kind", Prose, nullable=False),  # a Kind, or a community's own
    Column("heading", Prose, nullable=True),  # null: recognised by its words alone
    Column("confidence", Float, nullable=False),
    Column("paragraphs", Prose, nullable=False),  # JSON list of bot.models.Paragraph
    comment="Replaced as a whole when their article changes.",
)

subscriptions = Table(
    "subscriptions",
    metadata,
    # ours
    Column("id", Key, primary_key=True),
    Column("source_id", Key, ForeignKey("sources.id"), nullable=False),
    Column("state", Prose, nullable=False),  # a SubscriptionState
    Column("suspended_reason", Prose, nullable=True),  # null: not suspended
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant, nullable=True),  # null: followed now
    # from its moderators
    Column("preferences", Prose, nullable=False, server_default="{}"),  # JSON; what is absent is the default
    Column("suspended_at", Instant, nullable=True),  # null: not suspended
    Column("held_until", Instant, nullable=True),  # null: its settings hold nothing back, as far as was last looked
    Column("held_reason", Prose, nullable=True),  # a HoldReason; goes with held_until
    # from Discord
    Column("guild_id", Snowflake, nullable=False),
    Column("channel_id", Snowflake, nullable=False),
    Column("created_by", Snowflake, nullable=True),  # null: made by the bot itself
    # "Who is owed this source's articles?", and the promise that a channel follows a source once.
    # A removed one is kept, and comes back to life: what it delivered stays readable, and is not posted twice.
    UniqueConstraint("source_id", "channel_id"),
    # "What does this server follow?", "may this server read that article?"
    Index("subscriptions_of_server", "guild_id", "channel_id"),
    sqlite_autoincrement=True,
    comment="A source followed in a channel.",
)

deliveries = Table(
    "deliveries",
    metadata,
    # ours; rises in sending order, and the send's nonce derives from it, so it is never reused
    Column("id", Key, primary_key=True),
    Column("article_id", Key, ForeignKey("articles.id"), nullable=False),
    Column("subscription_id", Key, ForeignKey("subscriptions.id"), nullable=False),
    Column("state", Prose, nullable=False),  # a DeliveryState
    Column("attempts", Integer, nullable=False),  # failed tries
    Column("failed_at", Instant, nullable=True),  # the last of them; null: none failed
    Column("next_attempt_at", Instant, nullable=False),
    Column("lease_until", Instant, nullable=True),  # null: nobody is sending it
    Column("last_error", Prose, nullable=True),  # null: no try failed
    Column("created_at", Instant, nullable=False),
    Column("tried_at", Instant, nullable=True),  # first send that Discord may have taken; null: none was begun
    Column("held_reason", Prose, nullable=True),  # why it waits, or is not sent at all; null: nothing holds it
    Column("shown_hash", Prose, nullable=True),  # fingerprint of the article its message shows; null: not sent
    Column("digest_id", Key, nullable=True),  # the delivery that carries it as part of a digest; null: none does
    Column("edit_due_at", Instant, nullable=True),  # when its message is to be edited; null: it shows all it should
    Column("edit_attempts", Integer, nullable=False, server_default="0"),  # failed edits since the last change
    Column("deleted_at", Instant, nullable=True),  # since when its message is known to be gone; null: it may be there
    # from Discord
    Column("channel_id", Snowflake, nullable=False),  # copied from the subscription: where message_id is to be found
    Column("message_id", Snowflake, nullable=True),  # null: not sent
    Column("sent_at", Instant, nullable=True),  # null: not sent
    Column("thread_id", Snowflake, nullable=True),  # null: it opened none
    # "Where was this article posted?", and the promise that no subscription gets it twice
    UniqueConstraint("article_id", "subscription_id"),
    # "The oldest delivery that this subscription is owed", however many wait behind it or were sent
    _partial_index("deliveries_pending", "subscription_id", "id", where=PENDING),
    # "What is being sent in this channel?": few rows at any moment
    _partial_index("deliveries_leased", "channel_id", "lease_until", where=text("lease_until IS NOT NULL")),
    # "What was posted last in this channel, and when?"
    _partial_index("deliveries_sent", "channel_id", "sent_at", "id", where=SENT),
    # "Which others does this one speak for?"
    _partial_index("deliveries_of_digest", "digest_id", where=text("digest_id IS NOT NULL")),
    # "Which article is this thread about?"
    _partial_index("deliveries_of_thread", "thread_id", where=text("thread_id IS NOT NULL")),
    # "Which messages show this article?"
    Index("deliveries_of_article", "article_id", "state"),
    # "Which messages no longer show what they should, the longest so first?"
    _partial_index("deliveries_to_edit", "edit_due_at", "id", where=text("edit_due_at IS NOT NULL")),
    sqlite_autoincrement=True,
    comment="Articles owed to subscriptions: the queue and its history.",
)

notes = Table(
    "notes",
    metadata,
    Column("key", Prose, primary_key=True),
    Column("value", Prose, nullable=False),
    comment="Small facts that the bot keeps for itself, such as which commands Discord was last told about.",
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("delivery_id", Key, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Prose, nullable=False),  # a dispatcher's Outcome
    Column("detail", Prose, nullable=True),  # null: there is nothing to add
    # "What happened to this delivery, in order?"
    Index("attempts_of_delivery", "delivery_id", "id"),
    sqlite_autoincrement=True,
    comment="Every try of a delivery, for whoever asks why.",
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),  # when it stopped saying this
    Column("title", Prose, nullable=False),
    Column("sections", Prose, nullable=False),  # JSON list of bot.models.Section
    # "What did it say before?"
    Index("revisions_of_article", "article_id", "id"),
    sqlite_autoincrement=True,
    comment="What an article said before it changed.",
)

corrections = Table(
    "corrections",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # The archive is shared by every server that follows a source: what one of them says holds for itself alone.
    Column("guild_id", Snowflake, primary_key=True, autoincrement=False),
    Column("source_id", Key, ForeignKey("sources.id"), nullable=False),  # the article's
    Column("by_hand", Boolean, nullable=False),  # false: the labeller's, having learnt from the server's moderators
    Column("corrected_at", Instant, nullable=False),
    Column("corrected_by", Snowflake, nullable=True),  # null: not from Discord
    Column("labels", Prose, nullable=False),  # JSON: a paragraph's mark to its kind, and how sure that is
    # "What did this server say of that source?"
    Index("corrections_of_source", "source_id", "guild_id"),
    comment="What each paragraph is in one server's eyes; it outlives every new fetch.",
)

drafts = Table(
    "drafts",
    metadata,
    Column("guild_id", Snowflake, primary_key=True, autoincrement=False),
    Column("user_id", Snowflake, primary_key=True, autoincrement=False),
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("begun_at", Instant, nullable=False),
    Column("labels", Prose, nullable=False),  # JSON: a paragraph's mark to the kind chosen for it
    comment="Corrections that a moderator has begun and not saved.",
)

retractions = Table(
    "retractions",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("guild_id", Snowflake, primary_key=True, autoincrement=False),
    Column("retracted_at", Instant, nullable=False),
    Column("retracted_by", Snowflake, nullable=True),  # null: not from Discord
    Column("deletes", Boolean, nullable=False),  # whether its messages go, rather than being struck through
    comment="Articles that a server retracted from itself.",
)

notices = Table(
    "notices",
    metadata,
    Column("id", Key, primary_key=True),
    Column("guild_id", Snowflake, nullable=False),
    Column("subscription_id", Key, ForeignKey("subscriptions.id"), nullable=True),  # null: about none in particular
    Column("key", Prose, nullable=False),  # the sentence, in bot.locales
    Column("params", Prose, nullable=False),  # JSON: what fills it
    Column("created_at", Instant, nullable=False),
    Column("next_attempt_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Instant, nullable=True),  # null: nobody is telling it
    Column("told_at", Instant, nullable=True),  # null: not told yet
    Column("dropped_at", Instant, nullable=True),  # null: told, or still to be; else nobody could be told in time
    # "What is still to be told?"
    _partial_index("notices_untold", "next_attempt_at", "id", where=text("told_at IS NULL AND dropped_at IS NULL")),
    # "Was this said already?"
    Index("notices_of_subscription", "subscription_id", "id"),
    sqlite_autoincrement=True,
    comment="What a server's moderators are to be told, once.",
)

marks = Table(
    "marks",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", Key, ForeignKey("sources.id"), primary_key=True, autoincrement=False),
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, nullable=False),  # a MarkKind
    # The primary key answers "which articles of this source, or of any, have this mark?"
    # "What are this article's marks?", to replace them when it changes
    Index("marks_of_article", "article_id", "kind"),
    comment="By what an article is known again, whatever its source does to its id: see bot.updates.traces.",
    sqlite_with_rowid=False,
)

coverage = Table(
    "coverage",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("also_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # "Whose story is this article?"
    Index("coverage_of", "also_id"),
    comment="One story in two sources: the article that was stored first, and another that tells it too.",
)

pushes = Table(
    "pushes",
    metadata,
    Column("source_id", Key, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # from the source
    Column("hub_url", Prose, nullable=False),
    Column("topic_url", Prose, nullable=False),  # what the source calls itself
    # ours, and never shown
    Column("token", Prose, nullable=False),  # the part of the callback's address that nobody can guess
    Column("secret", Prose, nullable=False),  # what the hub signs its pushes with
    Column("ask_at", Instant, nullable=False),  # when the hub is to be asked, or asked again
    Column("failures", Integer, nullable=False),  # requests in a row that it did not take
    # from the hub
    Column("lease_until", Instant, nullable=True),  # null: it has promised nothing yet
    Column("pushed_at", Instant, nullable=True),  # null: it has brought nothing yet
    # "Whose push is this?"
    UniqueConstraint("token"),
    # "Which hubs are to be asked?"
    Index("pushes_due", "ask_at"),
    comment="What hubs were asked for, and promised: WebSub.",
)
