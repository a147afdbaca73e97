from pathlib import Path

import pytest

from bot.config import Settings, load_settings, operator_language
from bot.errors import ConfigurationError
from bot.locales import words

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*Settings.model_fields, "lang", "lc_all", "lc_messages"]:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def env_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / ".env"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_needs_to_be_set_to_begin() -> None:
    settings = load_settings()
    assert settings.poll_interval_seconds == 300
    assert settings.default_language == "fr"
    assert not settings.allow_private_addresses
    assert str(settings.discord_api_url).endswith("/api/v10")


def test_the_env_file_is_read(tmp_path: Path) -> None:
    path = env_file(tmp_path, "POLL_INTERVAL_SECONDS=1\nDEFAULT_LANGUAGE=EN\nHTTP_PORT=\n")
    settings = load_settings(path)
    assert settings.poll_interval_seconds == 1
    assert settings.default_language == "en"
    assert settings.http_port is None


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_INTERVAL_SECONDS", "2")
    assert load_settings(env_file(tmp_path, "POLL_INTERVAL_SECONDS=1\n")).poll_interval_seconds == 2


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("POLL_INTERVAL_SECONDS=0\n", "config_error.poll_interval_seconds"),
        ("POLL_INTERVAL_SECONDS=soon\n", "config_error.poll_interval_seconds"),
        ("DEFAULT_LANGUAGE=de\n", "config_error.default_language"),
        ("HTTP_PORT=70000\n", "config_error.http_port"),
        ("PUBLIC_URL=bot.example.org\n", "config_error.public_url"),
        ("SECTION_CONFIDENCE=1.5\n", "config_error.section_confidence"),
        ("SECTION_CONFIDENCE=high\n", "config_error.section_confidence"),
        ("DISCORD_API_URL=not an address\n", "config_error.discord_api_url"),
        ("LOG_LEVEL=INFO\nthis is not a setting\n", "config_error.bad_line"),
        ('DISCORD_TOKEN="never closed\n', "config_error.bad_line"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(env_file(tmp_path, text))
    assert caught.value.key == key
    assert set(caught.value.params) & {"name", "line"}


def test_an_env_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"DISCORD_TOKEN=\xff\xfe\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    assert caught.value.key == "config_error.unreadable_file"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_a_sentence_that_says_what_it_takes(name: str, language: str) -> None:
    assert name.upper() in words(language)(f"config_error.{name}", name=name.upper())


def test_secrets_show_in_no_representation(tmp_path: Path) -> None:
    settings = load_settings(
        env_file(tmp_path, "DISCORD_TOKEN=s3cr3t-t0ken\nDATABASE_URL=postgresql://bot:hunter22@db/news\n")
    )
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert "s3cr3t" not in shown
    assert "hunter22" not in shown


def test_a_wrong_value_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(env_file(tmp_path, "POLL_INTERVAL_SECONDS=my-token-pasted-on-the-wrong-line\n"))
    assert "my-token" not in f"{caught.value} {caught.value.params}"


@pytest.mark.parametrize("text", ["", "DISCORD_TOKEN=\n", "DISCORD_TOKEN='  '\n"])
def test_a_missing_token_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(env_file(tmp_path, text)).require_token()
    assert caught.value.key == "config_error.no_token"


@pytest.mark.parametrize(
    ("environment", "language"),
    [({}, "en"), ({"LANG": "fr_CA.UTF-8"}, "fr"), ({"LANG": "C.UTF-8"}, "en"), ({"LANG": "de_DE"}, "en")],
)
def test_the_command_line_speaks_the_terminals_language(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert operator_language() == language


def test_default_language_decides_for_the_command_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_CA.UTF-8")
    monkeypatch.setenv("DEFAULT_LANGUAGE", "fr")
    assert operator_language() == "fr"


def test_a_settings_file_that_cannot_be_read_leaves_the_terminal_its_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("LANG", "fr_CA.UTF-8")
    assert operator_language() == "fr"


def test_every_setting_is_explained_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"{name.upper()}=" in example, name.upper()


def test_the_example_is_a_valid_env_file(tmp_path: Path) -> None:
    load_settings(env_file(tmp_path, (ROOT / ".env.example").read_text(encoding="utf-8")))


def test_the_example_shows_the_real_defaults(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    lines = [line[1:] for line in example.splitlines() if line.startswith("#") and line[1:2].isupper() and "=" in line]
    shown = load_settings(env_file(tmp_path, "\n".join(line for line in lines if " " not in line.split("=")[0]) + "\n"))
    assert shown == load_settings(tmp_path / "absent.env").model_copy(update={"http_host": "127.0.0.1"})
