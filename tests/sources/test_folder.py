"""A folder of files as a source."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FailureReason, NotReadable
from bot.models import BodyFormat, SourceKind
from bot.sources.folder import MAX_FILE_BYTES, folder_path, read_file, read_folder, read_text
from tests.sources.samples import FRAGMENT, PARAGRAPHS, page, words


def write(path: Path, content: str | bytes, *, at: int = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (at, at))
    return path


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "path"),
        [
            ("/srv/articles", "/srv/articles"),
            ("file:///srv/mes%20articles", "/srv/mes articles"),
            ("file://localhost/srv", "/srv"),
            ("FILE:/srv", "/srv"),
        ],
    )
    def test_absolute_paths_and_file_addresses(self, address: str, path: str) -> None:
        assert folder_path(address) == Path(path)

    @pytest.mark.parametrize(
        "address", ["", "articles", "./articles", "https://example.org/", "file://server/share", "example.org", "/a\0b"]
    )
    def test_everything_else_is_none(self, address: str) -> None:
        assert folder_path(address) is None


class TestFolder:
    def test_files_become_entries_newest_first(self, tmp_path: Path) -> None:
        write(tmp_path / "old.txt", "Ancien", at=1_000_000_000)
        write(tmp_path / "new.md", "# Neuf\n\nTexte", at=1_700_000_000)
        write(tmp_path / "sous" / "page.html", "<p>Page</p>", at=1_500_000_000)
        snapshot = read_folder(tmp_path)
        assert (snapshot.kind, snapshot.title) == (SourceKind.FOLDER, tmp_path.name)
        assert [entry.identity for entry in snapshot.entries] == ["new.md", "sous/page.html", "old.txt"]
        new, inside, old = snapshot.entries
        assert (new.title, new.body, new.body_format) == ("Neuf", "Texte", BodyFormat.MARKDOWN)
        assert inside.body_format is BodyFormat.HTML
        assert old.body_format is BodyFormat.TEXT
        assert old.published_at is None

    def test_pictures_with_a_wrong_name_and_files_without_a_word_are_left_out(self, tmp_path: Path) -> None:
        write(tmp_path / "image.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        write(tmp_path / "brouillon.txt", "")
        write(tmp_path / "vide.md", "---\ntitle: Bientôt\n---\n\n")
        write(tmp_path / "texte.txt", "Bonjour")
        assert [entry.identity for entry in read_folder(tmp_path).entries] == ["texte.txt"]
        with pytest.raises(NotReadable):
            read_file(tmp_path / "image.txt")

    def test_a_changed_file_is_the_same_article_changed(self, tmp_path: Path) -> None:
        write(tmp_path / "a.txt", "un")
        before = read_folder(tmp_path).entries[0]
        write(tmp_path / "a.txt", "deux")
        after = read_folder(tmp_path).entries[0]
        assert before.identity == after.identity
        assert before.body != after.body

    def test_what_is_not_an_article_is_left_out(self, tmp_path: Path) -> None:
        write(tmp_path / "kept.txt", "oui")
        write(tmp_path / ".hidden.txt", "non")
        write(tmp_path / "draft.txt~", "non")
        write(tmp_path / "image.png", b"\x89PNG")
        write(tmp_path / ".git" / "x.md", "non")
        write(tmp_path / "a" / "b" / "deep.txt", "non")
        write(tmp_path / "huge.txt", b"x" * (MAX_FILE_BYTES + 1))
        assert [entry.identity for entry in read_folder(tmp_path).entries] == ["kept.txt"]

    @pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need a Unix")
    def test_nothing_outside_is_reached_and_nothing_waits(self, tmp_path: Path) -> None:
        secret = write(tmp_path / "outside" / "secret.txt", "secret")
        folder = tmp_path / "folder"
        write(folder / "kept.txt", "oui")
        (folder / "link.txt").symlink_to(secret)
        (folder / "broken.txt").symlink_to(tmp_path / "nowhere.txt")
        (folder / "loop").symlink_to(folder)
        (folder / "out").symlink_to(secret.parent)
        os.mkfifo(folder / "pipe.txt")
        assert [entry.identity for entry in read_folder(folder).entries] == ["kept.txt"]
        with pytest.raises(NotReadable):
            read_file(folder / "pipe.txt")

    @pytest.mark.parametrize("name", ["nowhere", "file.txt"])
    def test_no_folder_is_an_error(self, tmp_path: Path, name: str) -> None:
        write(tmp_path / "file.txt", "x")
        with pytest.raises(NotReadable) as caught:
            read_folder(tmp_path / name)
        assert caught.value.reason is FailureReason.NO_FOLDER

    def test_a_single_file_is_read_alone(self, tmp_path: Path) -> None:
        assert read_file(write(tmp_path / "a.txt", "\n".join(PARAGRAPHS))).body.split("\n") == PARAGRAPHS
        for name in ("a.pdf", "missing.txt"):
            with pytest.raises(NotReadable):
                read_file(tmp_path / name)


class TestTexts:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_any_encoding_gives_the_same_words(self, encoding: str) -> None:
        text = "\r\n".join(PARAGRAPHS[:8])
        assert read_text(text.encode(encoding), "a.txt").body.split("\n") == PARAGRAPHS[:8]

    def test_front_matter_is_understood_and_taken_off(self) -> None:
        text = (
            '---\ntitle: "Des robots: l’essai"\nauthor: Maude Tessier\ndate: 2026-11-20T08:00:00-05:00\nlang: fr\n'
            "tags:\n  - robots\n  - ferme\nurl: https://example.org/robots\nimage: https://example.org/i.jpg\n"
            "image_alt: Un robot\n---\n\n# Des robots: l’essai\n\nTexte.\n\n---\n\nFin."
        )
        entry = read_text(text.encode(), "sous/a.md")
        assert (entry.identity, entry.title, entry.author) == ("sous/a.md", "Des robots: l’essai", "Maude Tessier")
        assert entry.published_at == datetime(2026, 11, 20, 13, tzinfo=UTC)
        assert (entry.language, entry.categories) == ("fr", ("robots", "ferme"))
        assert entry.url == "https://example.org/robots"
        assert entry.image is not None
        assert entry.image.alt == "Un robot"
        assert entry.body == "Texte.\n\n---\n\nFin."

    @pytest.mark.parametrize(
        "text",
        ["---\n\nUne règle, puis du texte.\n\n---\n\nSuite.", "Texte\n\n---\ntitle: x\n---", "---", "--- \n---\n"],
    )
    def test_rules_are_no_front_matter(self, text: str) -> None:
        entry = read_text(text.encode(), "a.md")
        assert entry.title is None

    @pytest.mark.parametrize(
        "text", ["Un titre\n========\n\nTexte", "# Un titre #\nTexte", "# **Un** [titre](https://x.example)\nTexte"]
    )
    def test_a_heading_at_the_top_is_the_title(self, text: str) -> None:
        entry = read_text(text.encode(), "a.md")
        assert (entry.title, entry.body) == ("Un titre", "Texte")

    def test_a_text_file_has_no_markdown_heading(self) -> None:
        assert read_text(b"# Un titre\nTexte", "a.txt").title is None

    def test_a_fragment_and_a_page_give_the_same_article(self) -> None:
        fragment = read_text(FRAGMENT.encode(), "a.html")
        whole = read_text(page(), "b.html")
        assert words(fragment.body) == words(whole.body) == PARAGRAPHS
        assert (fragment.identity, fragment.url, fragment.published_at) == ("a.html", None, None)
        assert whole.title == "Des robots dans l’avoine"

    @given(st.binary(max_size=300), st.sampled_from(["a.md", "a.txt", "a.html", "a.htm"]))
    def test_any_file_is_read(self, body: bytes, name: str) -> None:
        for content in (body, b"---\n" + body + b"\n---\n"):
            assert read_text(content, name).identity == name
