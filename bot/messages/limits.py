"""What Discord accepts in a message, each number with where it is written.

[components]: discord.com/developers/docs/components/reference
[commands]: discord.com/developers/docs/interactions/application-commands
[openapi]: github.com/discord/discord-api-spec
"""

TEXT_TOTAL = 4_000
"""Characters in all text displays of one message together. [components], "Components V2"."""

COMPONENTS_TOTAL = 40
"""Components in one message, nested ones counted. [components], "Components V2"."""

BUTTONS_PER_ROW = 5
"""[components], "Action Row"."""

ROWS_BELOW = 5
"""Rows of buttons below a message without Components V2. [components], "Action Row"."""

BUTTON_LABEL = 80
"""[components], "Button"."""

BUTTON_URL = 512
"""[openapi], ButtonComponentForMessageRequest."""

CUSTOM_ID = 100
"""[components], "Custom ID"."""

IMAGE_URL = 2_048
"""[openapi], UnfurledMediaRequest."""

IMAGE_DESCRIPTION = 256
"""Discord takes 1,024 ([openapi], MediaGalleryItemRequest); discord.py documents 256, and screen readers thank us."""

OPTION_LABEL = 100
"""[components], "Select Option Structure"."""

CHOICES = 25
"""Choices of an option and of a completion. [commands], "Application Command Option Structure"."""

CHOICE_NAME = 100
"""[commands], "Application Command Option Choice Structure"."""

CONTENT = 2_000
"""Characters of a plain message. [openapi] says 4,000, which is for subscribers."""

EMBED_TITLE = 256
"""discord.com/developers/docs/resources/message, "Embed Limits"; also for the name of its author."""

TAGS = 5
"""Tags of a forum post. [openapi], CreateForumThreadRequest."""

POLL_QUESTION, POLL_ANSWER, POLL_ANSWERS = 300, 55, 10
"""discord.com/developers/docs/resources/poll."""

NONCE = 25
"""discord.com/developers/docs/resources/message, "Create Message"."""

INLINE_LINK = 600
"""Ours: a longer address inside a text would leave little room for the text."""


def size(text: str) -> int:
    """How long Discord may take a text to be: in UTF-16 units, as its clients count; its servers count less."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
