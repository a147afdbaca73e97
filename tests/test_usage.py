"""Help and wrong usage, in the operator's language."""

import ast
import re
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from bot.cli import main

LOCALES = Path(__file__).parent.parent / "bot" / "locales"
COMMANDS = ("run", "demo", "check", "read", "import", "export", "why")
ENGLISH = re.compile(r"\b(Usage:|Options:|Commands:|Show|exit|Error|Missing|Invalid|No such|required|Try)\b")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0), "".join(capsys.readouterr())


@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS)])
def test_help_is_in_one_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DEFAULT_LANGUAGE", "fr")
    status, text = told(capsys, *arguments, "--help")
    assert status == 0
    assert "Usage\u00a0: casse-croute" in text
    assert not ENGLISH.search(text), text
    assert "..." not in text, "a sentence is cut off"
    monkeypatch.setenv("DEFAULT_LANGUAGE", "en")
    assert told(capsys, *arguments, "--help")[1].startswith("Usage: casse-croute")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ran",), "La commande 'ran' n’existe pas."),
        (("read",), "Il manque l’argument"),
        (("export",), "Il manque l’option '--server'"),
        (("read", "--jason", "x"), "L’option '--jason' n’existe pas."),
        (("demo", "--port", "99999"), "99999 est hors des limites"),
        (("demo", "--port", "beaucoup"), "'beaucoup' n’est pas un nombre entier"),
        (("export", "--server", "La Cabane"), "« La Cabane » n’est pas un identifiant"),
        (("export", "--server", "9" * 30), "n’est pas un identifiant"),
        (("import", "rien.opml", "--server", "1", "--channel", "2"), "Fichier introuvable\u00a0: 'rien.opml'"),
    ],
)
def test_wrong_usage_is_told_in_french_and_exits_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.setenv("DEFAULT_LANGUAGE", "fr")
    status, text = told(capsys, *arguments)
    assert status == 2
    assert sentence.replace("« ", "«\u00a0").replace(" »", "\u00a0»") in text
    assert not ENGLISH.search(text), text


def test_every_sentence_that_is_translated_is_one_that_click_says() -> None:
    said = {
        node.value
        for path in Path(click.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    with (LOCALES / "click.fr.po").open("rb") as stream:
        catalogue = read_po(stream, locale="fr")
    translated = {part for each in catalogue if each.id for part in (each.id if each.pluralizable else (each.id,))}
    assert translated <= said
