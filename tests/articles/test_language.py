import pytest

from bot.articles.language import detect_language, settle_language

SAMPLES = {
    "fr": ["La ville a réduit de 18 % les heures de machinerie.", "Point de vue optimiste sur les arénas de la région"],
    "en": ["The city has cut machine hours by 18% this winter.", "What the new budget means for your local rink"],
    "es": ["El ayuntamiento ha aprobado un presupuesto para las calles de la ciudad."],
    "de": ["Die Stadt hat gestern ein neues Budget für die Straßen beschlossen."],
    "it": ["Il comune ha approvato ieri un nuovo bilancio per le strade della città."],
    "ru": ["Город вчера принял новый бюджет для дорог."],
    "ja": ["市は昨日、道路の新しい予算を承認しました。"],
    "ar": ["وافقت المدينة أمس على ميزانية جديدة للطرق."],
}


@pytest.mark.parametrize(("language", "text"), [(key, text) for key, texts in SAMPLES.items() for text in texts])
def test_languages_are_told_apart(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "42", "Zxq wvu tsr qponm lkj", "https://e.org"])
def test_what_is_no_text_has_no_language(text: str) -> None:
    assert detect_language(text) is None


@pytest.mark.parametrize(
    ("declared", "settled"), [("en-CA", "en"), ("fr_FR", "fr"), ("EN", "fr"), (None, "fr"), ("xx-nonsense-!", "fr")]
)
def test_the_declared_language_is_the_fallback(declared: str | None, settled: str) -> None:
    assert settle_language("42", declared) == settled
