"""Feeds of every format, kept whole; broken ones, recovered; hostile ones, harmless."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FailureReason, NotReadable
from bot.models import BodyFormat, Entry, Image, Snapshot
from bot.sources.feed import looks_like_page, parse_feed
from tests.sources.samples import FRAGMENT, PARAGRAPHS, sample, words

URL = "https://example.org/feed.xml"


def parse(body: bytes | str, *, url: str = URL, charset: str | None = None) -> Snapshot:
    return parse_feed(body.encode() if isinstance(body, str) else body, url=url, media_type=None, charset=charset)


def rss(items: str, head: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def only(body: bytes | str) -> Entry:
    (entry,) = parse(body).entries
    return entry


class TestFormats:
    def test_the_hours_and_days_of_rest_of_rss(self) -> None:
        hours = "<skipHours><hour>0</hour><hour> 7 </hour><hour>24</hour><hour>99</hour><hour>x</hour></skipHours>"
        days = "<skipDays><day>Sunday</day><day>saturday</day><day>Caturday</day></skipDays>"
        feed = parse(rss("", hours + days))
        assert (feed.skip_hours, feed.skip_days) == ((0, 7), (5, 6))

    def test_rss(self) -> None:
        feed = parse(sample("rss2.xml"))
        assert (feed.title, feed.home_url, feed.language) == ("Le Casse-tête & Cie", "https://example.org/", "fr-CA")
        assert (feed.ttl_seconds, feed.hub_url, feed.self_url) == (1_800, "https://hub.example.org/", URL)
        farm, brief = feed.entries
        assert farm.identity == "tag:example.org,2026:1"
        assert farm.title == "L’IA à la ferme"
        assert farm.url == "https://example.org/ferme?utm_source=rss"
        assert farm.published_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
        assert farm.author == "Maude Tessier"
        assert farm.categories == ("Robots", "Agriculture")
        assert farm.body_format is BodyFormat.HTML
        assert '<a href="https://example.org/coop">' in farm.body
        assert farm.image == Image(url="https://example.org/img/robot.jpg", alt="Un robot dans l’avoine")
        assert not farm.teaser
        assert brief.identity == brief.url == "https://example.org/breve"
        assert brief.author == "Jean Tremblay"
        assert brief.body_format is BodyFormat.TEXT
        assert brief.image == Image(url="https://example.org/grande.jpg", alt="La salle du conseil")
        assert brief.teaser

    def test_atom(self) -> None:
        feed = parse(sample("atom.xml"))
        assert (feed.title, feed.home_url, feed.language) == ("Field & Code", "https://example.org/blog/", "en")
        assert (feed.hub_url, feed.self_url) == ("https://hub.example.org/", "https://example.org/blog/atom.xml")
        one, two = feed.entries
        assert one.title == "Using <b> and & in titles"
        assert one.url == "https://example.org/blog/one"
        assert one.author == "Ada Field"
        assert one.published_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
        assert one.updated_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
        assert one.categories == ("Code",)
        assert words(one.body) == ["Text with more & less."]
        assert 'href="https://example.org/blog/one/more"' in one.body
        assert (two.title, two.language, two.author) == ("Deux mots", "fr", "Maude Tessier, Jean Tremblay")
        assert two.published_at == two.updated_at
        assert two.teaser

    def test_relative_bases_build_on_each_other_once(self) -> None:
        entry = only(
            '<feed xml:base="a/"><entry xml:base="b/"><link href="x"/><content type="html" xml:base="c/">'
            "&lt;a href='y'&gt;y&lt;/a&gt;</content></entry></feed>"
        )
        assert entry.url == "https://example.org/a/b/x"
        assert 'href="https://example.org/a/b/c/y"' in entry.body

    def test_rdf(self) -> None:
        feed = parse(sample("rdf.xml"))
        assert (feed.title, feed.language, feed.ttl_seconds) == ("Cahiers d'hôtes", "fr", 1_800)
        (entry,) = feed.entries
        assert (entry.identity, entry.title, entry.author) == ("https://example.org/a", "Première", "Maude Tessier")
        assert entry.published_at == datetime(2026, 11, 20, 13, tzinfo=UTC)
        assert entry.body == "<p>Texte entier</p>"
        assert entry.categories == ("IA",)

    def test_json(self) -> None:
        feed = parse(sample("feed.json"))
        assert (feed.title, feed.language) == ("Field & Code", "en-CA")
        assert (feed.hub_url, feed.self_url) == ("https://hub.example.org/", "https://example.org/feed.json")
        seven, eight, nine = feed.entries
        assert (seven.identity, seven.url, seven.title) == ("7", "https://example.org/seven", "AT&T & friends")
        assert (seven.author, seven.categories) == ("Ada Field", ("code",))
        assert seven.image == Image(url="https://example.org/seven.jpg")
        assert (eight.body_format, eight.author, eight.language) == (
            BodyFormat.TEXT,
            "Maude Tessier, Jean Tremblay",
            "fr",
        )
        assert nine.teaser
        assert not seven.teaser
        assert not eight.teaser

    def test_the_whole_article_of_an_item_is_kept_in_its_words_and_order(self) -> None:
        for body in (f"<![CDATA[{FRAGMENT}]]>", FRAGMENT.replace("<", "&lt;").replace(">", "&gt;")):
            entry = only(rss(f"<item><description>{body}</description></item>"))
            assert words(entry.body) == PARAGRAPHS

    def test_plain_text_keeps_its_lines(self) -> None:
        entry = only(rss(f"<item><description>{'&#10;'.join(PARAGRAPHS)}</description></item>"))
        assert entry.body_format is BodyFormat.TEXT
        assert entry.body.split("\n") == PARAGRAPHS

    @pytest.mark.parametrize(
        "body",
        [
            "<rss><item><title>x</title></item></rss>",
            "<channel><item><title>x</title></item></channel>",
            "<rss><channel/><item><title>x</title></item></rss>",
            "<item><title>x</title></item>",
            "<RSS><CHANNEL><ITEM><TITLE>x</TITLE></ITEM></CHANNEL></RSS>",
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>x</a:title></a:entry></a:feed>",
            "<feed xmlns='http://purl.org/atom/ns#' version='0.3'><entry><title>x</title></entry></feed>",
            "<feed><entry><title>x</title></entry></feed>",
            "<rss xmlns='http://backend.userland.com/rss2'><channel><item><title>x</title></item></channel></rss>",
            '[{"title": "x"}]',
        ],
    )
    def test_dialects(self, body: str) -> None:
        assert only(body).title == "x"

    def test_elements_with_prefixes_nobody_declared_are_understood(self) -> None:
        entry = only(
            "<rss><channel><item><dc:creator>Maude</dc:creator><content:encoded>x</content:encoded></item></channel></rss>"
        )
        assert (entry.author, entry.body) == ("Maude", "x")

    def test_names_of_other_vocabularies_do_not_stand_in_for_ours(self) -> None:
        entry = only(
            "<rss xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:x='urn:x'><channel><item>"
            "<x:title>no</x:title><x:link>https://no.example/</x:link><itunes:title>fallback</itunes:title>"
            "<title>yes</title></item></channel></rss>"
        )
        assert (entry.title, entry.url) == ("yes", None)


class TestIdentity:
    @pytest.mark.parametrize(
        ("item", "identity"),
        [
            ("<guid>abc</guid><link>https://example.org/1</link>", "abc"),
            ("<guid> a\n b </guid>", "a b"),
            ("<link>https://Example.org/1?utm_source=x#top</link>", "https://example.org/1"),
            ("<link>http://example.org/1</link>", "https://example.org/1"),
            ("<guid></guid><link>https://example.org/1</link>", "https://example.org/1"),
        ],
    )
    def test_it_is_the_id_else_the_canonical_link(self, item: str, identity: str) -> None:
        assert only(rss(f"<item>{item}</item>")).identity == identity

    def test_else_a_hash_of_the_content(self) -> None:
        one = only(rss("<item><title>a</title><description>text</description></item>"))
        same = only(
            rss("<item><title> a </title><description>text\n</description><pubDate>2024-01-01</pubDate></item>")
        )
        other = only(rss("<item><title>a</title><description>other</description></item>"))
        assert one.identity.startswith("sha256:")
        assert one.identity == same.identity != other.identity

    def test_items_that_all_point_to_the_front_page_stay_apart(self) -> None:
        items = "".join(f"<item><title>{n}</title><link>https://example.org/</link></item>" for n in range(3))
        assert len(parse(rss(items, "<link>https://example.org/</link>")).entries) == 3

    def test_duplicates_are_folded_into_the_latest_version(self) -> None:
        old = "<item><guid>1</guid><title>old</title><updated>2024-01-01</updated></item>"
        new = "<item><guid>1</guid><title>new</title><updated>2024-01-02</updated></item>"
        assert only(rss(old + new)).title == only(rss(new + old)).title == "new"

    def test_different_articles_under_one_broken_id_stay_apart(self) -> None:
        items = "".join(
            f"<item><guid>https://example.org</guid><title>{n}</title><link>https://example.org/{n}</link></item>"
            for n in range(3)
        )
        assert [entry.identity for entry in parse(rss(items)).entries] == [f"https://example.org/{n}" for n in range(3)]

    def test_an_id_that_is_an_address_serves_as_link(self) -> None:
        assert only(rss("<item><guid>https://example.org/1</guid></item>")).url == "https://example.org/1"
        assert only(rss('<item><guid isPermaLink="false">https://example.org/1</guid></item>')).url is None


class TestOldFormats:
    def test_channels_of_the_first_days_keep_link_and_date_in_attributes(self) -> None:
        body = (
            '<CHANNEL HREF="http://e.test/"><ITEM HREF="/1" LASTMOD="2004-04-06T23:05-05:00"><TITLE>One</TITLE></ITEM>'
        )
        entry = only(body + "</CHANNEL>")
        assert (entry.url, entry.title) == ("https://example.org/1", "One")
        assert entry.published_at == datetime(2004, 4, 7, 4, 5, tzinfo=UTC)

    def test_an_id_in_capitals_is_an_address_too(self) -> None:
        entry = only('<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>HTTP://example.org/a</id></entry></feed>')
        assert (entry.identity, entry.url) == ("HTTP://example.org/a", "HTTP://example.org/a")


class TestBrokenDocuments:
    def test_loose_ampersands_and_html_entities(self) -> None:
        entry = only(
            rss(
                "<item><title>AT&T R&D caf&eacute; l&rsquo;&#146;</title><link>https://example.org/?a=1&b=2</link></item>"
            )
        )
        assert entry.title == "AT&T R&D café l’’"
        assert entry.url == "https://example.org/?a=1&b=2"

    def test_junk_around_the_root_and_control_characters(self) -> None:
        assert (
            only("\n\n  Warning: mysql\n" + rss("<item><title>a\x00\x08b\x1f</title></item>") + "<!-- cached").title
            == "ab"
        )

    def test_a_document_cut_off_keeps_its_complete_items(self) -> None:
        body = rss("<item><guid>1</guid><title>one</title></item><item><guid>2</guid><title>two</title>")[:-17]
        assert parse(body).entries[0].title == "one"

    def test_a_section_cut_off_inside_character_data(self) -> None:
        body = rss("<item><title>one</title><description><![CDATA[<p>text</p>")[: -len("</channel></rss>")]
        assert only(body).title == "one"

    @pytest.mark.parametrize("item", ["item", "entry"])
    def test_an_item_cut_off_in_its_middle_waits_for_the_whole_document(self, item: str) -> None:
        """Half an address is another address: the article would be told again tomorrow."""
        one = f"<{item}><title>one</title><link>https://journal.test/1</link></{item}>"
        two = f"<{item}><title>two</title><link>https://journal.test/2-la-pout"
        snapshot = parse(rss(one + two)[: -len("</channel></rss>")])
        assert [entry.title for entry in snapshot.entries] == ["one"]
        assert snapshot.cut

    def test_of_a_single_item_cut_off_only_what_is_whole_is_read(self) -> None:
        body = rss("<item><guid>1</guid><link>https://journal.test/2-la-pout")[: -len("</channel></rss>")]
        assert (only(body).identity, only(body).url) == ("1", None)

    def test_a_healthy_document_is_not_cut(self) -> None:
        assert not parse(rss("<item><title>one & two</title></item>")).cut

    def test_mismatched_elements(self) -> None:
        assert only(rss("<item><title>one</titel><link>https://example.org/1</link></item>")).title

    def test_entities_that_the_document_defines_are_put_in_place(self) -> None:
        head = '<!DOCTYPE rss [<!ENTITY nom "Québec"><!ENTITY % p SYSTEM "http://127.0.0.1/x">]>'
        assert only(head + "<rss><item><title>À &nom; &eacute;</title></item></rss>").title == "À Québec é"

    def test_the_netscape_document_type_is_ignored(self) -> None:
        head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
        assert only(head + "<rss><channel><item><title>caf&eacute;</title></item></channel></rss>").title == "café"

    def test_a_document_type_inside_a_text_is_text(self) -> None:
        assert (
            "DOCTYPE" in only("<rss><item><description><![CDATA[ <!DOCTYPE html> ]]></description></item></rss>").body
        )

    @pytest.mark.parametrize("charset", [None, "iso-8859-1", "utf-8", "x-unknown"])
    def test_wrong_labels_do_not_garble_utf8(self, charset: str | None) -> None:
        body = rss("<item><title>Québec</title></item>").replace('"1.0"', '"1.0" encoding="iso-8859-1"').encode()
        assert parse(body, charset=charset).entries[0].title == "Québec"

    def test_windows_characters_in_latin1(self) -> None:
        body = '<?xml version="1.0" encoding="iso-8859-1"?><rss><item><title>l\x92été \x93ici\x94</title></item></rss>'
        assert only(body.encode("latin-1")).title == "l’été “ici”"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"   \n",
            b"hello",
            b"{}",
            b"[1",
            b"{" * 100_000,
            b'{"items": 3}',
            b"<html><body>Hello</body></html>",
            b"<!DOCTYPE html><title>x</title>",
            b"<opml><body><outline/></body></opml>",
            b"<urlset/>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"\x89PNG\r\n\x1a\n\0\0",
            b"%PDF-1.7",
            b"<",
        ],
    )
    def test_what_is_no_feed_says_so(self, body: bytes) -> None:
        with pytest.raises(NotReadable) as caught:
            parse(body)
        assert caught.value.reason in (FailureReason.NOT_A_FEED, FailureReason.BAD_RESPONSE)

    def test_an_empty_feed_is_a_feed(self) -> None:
        assert parse(rss("")).entries == ()

    def test_a_feed_with_html_inside_is_no_page(self) -> None:
        assert not looks_like_page(rss("<item><description>&lt;html></description></item>").encode())
        assert looks_like_page(b"<!-- x --><html><head><title>rss</title>")


class TestHostileDocuments:
    @pytest.mark.parametrize(
        "body",
        [
            '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
            + "]><rss><item><title>&j;</title></item></rss>",
            f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]><rss><item><title>{"&a;" * 50_000}</title></item></rss>',
            '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><title>&a;</title></item></rss>',
            '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><rss><item><title>&a;</title></item></rss>',
            '<!DOCTYPE r [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]><rss><item><title>x</title></item></rss>',
            "<rss><channel>" + "<item><title>x</title></item>" * 50_000 + "</channel></rss>",
            f"<rss><item {' '.join(f'a{n}=1' for n in range(20_000))}><title>x</title></item></rss>".replace(
                "=1", '="1"'
            ),
            "<rss>" + "<a>" * 100_000 + "</a>" * 100_000 + "</rss>",
            "<rss><item><description><![CDATA[" + "<" * 500_000 + "]]></description></item></rss>",
            "<rss><item><title>" + "&lt;script" * 50_000 + "</title></item></rss>",
            "<rss><item><title>" + "&" * 500_000 + "</title></item></rss>",
            "<rss><item><title>" + " " * 1_000_000 + "x</title></item></rss>",
            "<rss><item><guid>" + "x" * 1_000_000 + "</guid></item></rss>",
            "<rss><item><pubDate>" + "1" * 1_000_000 + "</pubDate></item></rss>",
            "<rss><item><author>" + "a@" * 200_000 + "</author></item></rss>",
            "<rss><item>" + "<category>x</category>" * 50_000 + "</item></rss>",
            "<!--" * 100_000 + "<rss/>",
            "<?" * 100_000 + "<rss/>",
            '{"items": ' + "[" * 100_000 + "]" * 100_000 + "}",
        ],
        ids=lambda body: body[:40],
    )
    def test_it_is_read_or_refused_in_good_time(self, body: str) -> None:
        started = time.process_time()
        try:
            feed = parse(body)
        except NotReadable:
            feed = None
        assert time.process_time() - started < 3
        for entry in feed.entries if feed else ():
            assert "root:" not in (entry.title or "")
            assert len(entry.title or "") <= 1_000
            assert len(entry.identity) <= 1_000
        assert feed is None or len(feed.entries) <= 5_000


PIECES = """<rss> <channel> <item> </item> </channel> </rss> <feed> <entry> </entry> </feed> <title> </title>
<link> </link> <guid> </guid> <![CDATA[ ]]> &amp; &eacute; & < > <description> </description> <content\ttype='xhtml'>
</content> <!DOCTYPE [ <!ENTITY ]> <?xml ?> <!-- --> <link\thref='x'/> <media:group> <media:content\turl='x'> é \x00"""
MARKUP = st.sampled_from(PIECES.replace("\n", " ").split(" "))


@given(st.lists(MARKUP | st.text(max_size=5), max_size=40).map("".join))
def test_any_mixture_is_a_feed_or_refused(body: str) -> None:
    for start in ("", "<rss><channel><item>"):
        try:
            feed = parse((start + body).encode("utf-8", "replace"))
        except NotReadable:
            continue
        identities = [entry.identity for entry in feed.entries]
        assert len(identities) == len(set(identities))


FIELDS = "items id url title content_html authors name tags hubs date_published image"
NAMES = st.sampled_from(FIELDS.split(" "))
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=9)
VALUES = st.recursive(LEAVES, lambda kids: st.lists(kids) | st.dictionaries(NAMES, kids), max_leaves=20)


@given(VALUES)
def test_any_json_is_a_feed_or_refused(value: object) -> None:
    for body in (value, {"items": [value]}):
        try:
            parse(json.dumps(body))
        except NotReadable:
            continue
