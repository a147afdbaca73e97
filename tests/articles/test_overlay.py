"""A community's own words and perspectives, from files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.articles.builder import build_article
from bot.articles.emoji import one_emoji
from bot.articles.headings import match_heading
from bot.articles.lenses import added_kinds, lens
from bot.articles.lexicon import lexicons, use_overlays
from bot.articles.overlay import read_overlay
from bot.errors import ConfigurationError
from bot.lexicon_dir import read_lexicon_dir
from bot.locales import words
from bot.models import BodyFormat, Entry

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "lexicons"


@pytest.fixture(autouse=True)
def _no_overlay_afterwards() -> Iterator[None]:
    yield
    use_overlays({})


def overlay(tmp_path: Path, **files: str) -> Path:
    for language, text in files.items():
        (tmp_path / f"{language}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def refusal(folder: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        use_overlays(read_lexicon_dir(folder))
    for language in ("fr", "en"):
        assert words(language)(caught.value.key, **caught.value.params)
    return caught.value


def test_without_a_folder_the_kinds_are_those_that_ship() -> None:
    use_overlays(read_lexicon_dir(None))
    assert added_kinds() == ()


def test_the_example_adds_two_perspectives_for_headed_articles() -> None:
    use_overlays(read_lexicon_dir(EXAMPLE))
    assert set(added_kinds()) == {"local", "ethical"}
    body = "Un parc.\n\n## Vu d’ici\n\nIl est au coin.\n\n## Is it right?\n\nÀ voir.\n\n## ☀️ Optimiste\n\nBravo."
    article = build_article(Entry("id", title="Le parc", body=body, body_format=BodyFormat.MARKDOWN))
    assert [section.kind for section in article.sections] == ["summary", "local", "ethical", "optimistic"]
    assert article.sections[1].heading == "Vu d’ici"


def test_an_added_perspective_has_a_name_in_each_language_and_a_face() -> None:
    use_overlays(read_lexicon_dir(EXAMPLE))
    local, ethical = lens("local"), lens("ethical")
    assert local is not None
    assert ethical is not None
    assert (local.name("fr"), local.short("fr"), local.name("en"), local.short("en")) == (
        "Vu d’ici",
        "D’ici",
        "Seen from here",
        "Local",
    )
    assert (local.emoji, local.colour) == ("📍", 0x3F8F7B)
    assert (ethical.emoji, ethical.colour) == ("🧭", None)


def test_a_perspective_named_in_one_language_has_that_name_in_both(tmp_path: Path) -> None:
    use_overlays(read_lexicon_dir(overlay(tmp_path, fr='[kinds.nord]\nname = "Vu du Nord"\nheadings = ["vu du nord"]')))
    north = lens("nord")
    assert north is not None
    assert north.short("en") == "Vu du Nord"
    assert north.emoji is None
    assert match_heading("Vu du Nord", marked=False) is not None


def test_words_are_added_to_what_ships_and_names_replace_it(tmp_path: Path) -> None:
    text = """
        frame = "bonnement"
        [front]
        author = ["sous la plume de"]
        [boilerplate]
        lines = ['^offert par .*$']
        [kinds.analogy]
        short = "Tajine"
        face = "🍲"
        words = "tajine"
    """
    use_overlays(read_lexicon_dir(overlay(tmp_path, fr=text)))
    tajine = lens("analogy")
    assert tajine is not None
    assert (tajine.short("fr"), tajine.short("en"), tajine.emoji) == ("Tajine", "Poutine", "🍲")
    for heading in ("Tout bonnement le tajine", "La poutine"):
        match = match_heading(heading, marked=False)
        assert match is not None, heading
        assert match.kind == "analogy"
    french = next(lexicon for lexicon in lexicons() if lexicon.language == "fr")
    assert {"sous la plume de", "par"} <= set(french.author)


def test_forgetting_the_overlay_brings_back_what_ships(tmp_path: Path) -> None:
    use_overlays(read_lexicon_dir(EXAMPLE))
    use_overlays({})
    assert added_kinds() == ()
    assert match_heading("Vu d’ici", marked=True) is None


@pytest.mark.parametrize(
    ("text", "key", "where"),
    [
        ("[kinds.local]\nname = ", "toml", 2),
        ("[kinds.local]\nwords = 'a'\nwords = 'b'\n", "toml", 3),
        ("kind = 'local'", "unknown", "kind"),
        ("[kinds.local]\nheading = ['x']", "unknown", "kinds.local.heading"),
        ("[front]\neditor = ['x']", "unknown", "front.editor"),
        ("[kinds.local]\nwords = ['local']", "text", "kinds.local.words"),
        ("[kinds.local]\nheadings = 'vu d’ici'", "list", "kinds.local.headings"),
        ("[kinds.local]\nheadings = [1]", "list", "kinds.local.headings"),
        ("[kinds.local]\nname = ''", "name", "kinds.local.name"),
        ("[kinds.local]\nshort = '" + "x" * 61 + "'", "name", "kinds.local.short"),
        ("[kinds.local]\nface = 'L'", "emoji", "kinds.local.face"),
        ("[kinds.local]\nemoji = ['🍟🍟']", "emoji", "kinds.local.emoji"),
        ("[kinds.local]\ncolour = 'green'", "colour", "kinds.local.colour"),
        ("[kinds.Local]\nname = 'x'", "kind", "kinds.Local"),
        ("[kinds.other]\nname = 'x'", "kind", "kinds.other"),
        ("[kinds.compare]\nname = 'x'", "kind", "kinds.compare"),
        ("kinds = 'local'", "table", "kinds"),
        ("[kinds]\nlocal = 'x'", "table", "kinds.local"),
        ("front = 'x'", "table", "front"),
        ("frame = ['x']", "text", "frame"),
        ("[boilerplate]\nlines = ['(']", "pattern", "boilerplate.lines"),
        ("[kinds.local]\nheadings = ['Le bon côté']", "taken", "kinds.local"),
        ("[kinds.local]\nwords = 'commun'\n[kinds.ethical]\nwords = 'commun'", "taken", "kinds.ethical"),
    ],
)
def test_a_malformed_file_is_one_sentence_that_says_where(
    tmp_path: Path, text: str, key: str, where: str | int
) -> None:
    error = refusal(overlay(tmp_path, fr=text))
    assert error.key == f"config_error.lexicon.{key}"
    assert error.params["file"] == "fr.toml"
    assert str(error.params.get("line", error.params.get("key"))) == str(where)
    assert added_kinds() == ()


def test_a_folder_that_is_not_there_or_holds_nothing_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path / "absent", tmp_path):
        error = refusal(folder)
        assert (error.key, error.params) == ("config_error.lexicon_dir", {"name": "LEXICON_DIR"})


def test_a_file_of_a_language_that_the_bot_does_not_speak_is_named(tmp_path: Path) -> None:
    assert refusal(overlay(tmp_path, es="")).key == "config_error.lexicon.file"


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "fr.toml").write_bytes(b"frame = '\xff\xfe'")
    assert refusal(tmp_path).key == "config_error.unreadable_file"


def test_more_perspectives_than_a_card_has_room_for_are_refused(tmp_path: Path) -> None:
    text = "\n".join(f"[kinds.lens-{number}]\nname = 'x'" for number in range(11))
    assert refusal(overlay(tmp_path, fr=text)).key == "config_error.lexicon.many"


def test_the_shipped_lexicons_have_the_form_that_is_asked_of_others() -> None:
    folder = Path(__file__).parent.parent.parent / "bot" / "articles" / "lexicons"
    for path in folder.glob("*.toml"):
        assert read_overlay(path.name, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("📍", "📍"),
        ("⚖", "⚖️"),
        (" 🌧️ ", "🌧️"),
        ("🇨🇦", "🇨🇦"),
        ("🏳️‍🌈", "🏳️‍🌈"),
        ("👍🏽", "👍🏽"),
        ("a", None),
        ("é", None),
        ("♔", None),
        ("", None),
        ("🍟🧀", None),
        ("🇨", None),
        (":fries:", None),
    ],
)
def test_only_what_discord_draws_on_a_button_is_an_emoji(text: str, expected: str | None) -> None:
    assert one_emoji(text) == expected
