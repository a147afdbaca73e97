"""The sample articles show what the bot can do, and read well."""

import re

from bot.demo.samples import Sample, load_samples

FRENCH = [sample for sample in load_samples() if sample.language == "fr"]


def words_of(sample: Sample) -> str:
    return re.sub(r"<[^>]+>", "", sample.html)


def test_there_are_articles_in_both_languages_with_and_without_headings() -> None:
    samples = load_samples()
    assert len(samples) >= 8
    assert len([sample for sample in samples if sample.language == "en"]) >= 3
    assert len(FRENCH) >= 5
    headed = {bool(re.search("<h[1-6]", sample.html)) for sample in samples}
    assert headed == {True, False}


def test_one_article_starts_as_the_newest_and_others_are_still_to_come() -> None:
    ages = [sample.hours_ago for sample in load_samples()]
    assert any(age is not None for age in ages)
    assert ages.count(None) >= 4


def test_every_picture_has_alternative_text_and_is_a_small_png() -> None:
    pictures = [sample.picture for sample in load_samples() if sample.picture]
    assert len(pictures) >= 3
    for picture in pictures:
        assert len(picture.alt) > 40
        assert picture.data.startswith(b"\x89PNG")
        assert len(picture.data) < 50_000


def test_one_section_is_long_enough_to_need_pages() -> None:
    sections = [section for sample in load_samples() for section in re.split("<h2>", sample.html)]
    assert max(len(re.sub(r"<[^>]+>", "", section)) for section in sections) > 3_900


def test_french_uses_its_own_typography() -> None:
    for sample in FRENCH:
        text = words_of(sample).replace("Si vous n'êtes pas redirigé", "").replace("référence: ", "")
        assert "'" not in text, sample.slug
        assert not re.search(r"« | »| [;!?]|\w :|\d [%$]|\d \d{3}\b", text), sample.slug
