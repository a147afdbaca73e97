"""Lists of sources: what other readers write, what we write, and what means harm."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FailureReason, NotReadable
from bot.models import SourceKind
from bot.sources.opml import MAX_BYTES, MAX_FEEDS, Outline, read_opml, write_opml

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Mes fils</title></head><body>
<outline text="Nouvelles"><outline text="Québec / Canada">
<outline type="rss" text="Le Journal" xmlUrl="https://journal.test/feed?a=1&b=2" htmlUrl="https://journal.test/"/>
</outline></outline>
<outline title="Sans dossier" xmlurl="https://exemple.test/atom.xml" category="/Techno/IA,/Autre"/>
<outline text="Deux fois" xmlUrl="https://exemple.test/atom.xml"/>
<outline text="Un dossier vide"/><other xmlUrl="https://non.test/"/>
</body></opml>""".encode()


def test_folders_become_paths_and_addresses_come_once() -> None:
    assert read_opml(LIST) == (
        Outline(
            "https://journal.test/feed?a=1&b=2", "Le Journal", "https://journal.test/", "Nouvelles/Québec - Canada"
        ),
        Outline("https://exemple.test/atom.xml", "Sans dossier", None, "Techno/IA"),
    )


def test_what_is_written_reads_the_same() -> None:
    outlines = (
        *read_opml(LIST),
        Outline("https://page.test/", "Une page & co", kind=SourceKind.PAGE, folder="Nouvelles"),
    )
    assert set(read_opml(write_opml(outlines, title="Mes fils"))) == set(outlines)


clean = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(clean, st.one_of(st.none(), clean))), clean)
def test_any_titles_and_folders_survive(names: list[tuple[str, str | None]], title: str) -> None:
    outlines = [Outline(f"https://a.test/{n}", name, folder=folder) for n, (name, folder) in enumerate(names)]
    again = {each.url: each for each in read_opml(write_opml(outlines, title=title))}
    assert set(again) == {each.url for each in outlines}


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", b"<html><body/></html>", b"<opml/>", b"<rss><channel/></rss>", b"\x00\xff\xfe"]
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(NotReadable):
        read_opml(data)


def test_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>'
    with pytest.raises(NotReadable):
        read_opml(bomb)


def test_size_number_and_depth_are_bounded() -> None:
    with pytest.raises(NotReadable) as caught:
        read_opml(b" " * (MAX_BYTES + 1))
    assert caught.value.reason is FailureReason.TOO_LARGE
    many = b"".join(b'<outline text="x" xmlUrl="https://a.test/%d"/>' % n for n in range(100_000))
    started = time.monotonic()
    assert len(read_opml(b"<opml><body>" + many + b"</body></opml>")) == MAX_FEEDS
    deep = b'<outline text="d">' * 10_000 + b'<outline xmlUrl="https://a.test/"/>'
    assert read_opml(b"<opml><body>" + deep) == ()
    assert time.monotonic() - started < 10


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_file_breaks_it(data: bytes) -> None:
    for body in (data, b"<opml><body>" + data + b"</body></opml>"):
        try:
            read_opml(body)
        except NotReadable:
            continue
