"""config.yaml -> Settings: what is read, where secrets and paths lead."""

from pathlib import Path

import pytest

from supportbot.config import DEFAULT_FILE, load_settings, write_example
from supportbot.errors import ConfigError, UsageError
from supportbot.settings import Settings

MAILBOX = """
mailboxes:
  - name: support
    address: support@brand.example
    host: imap.brand.example
    user: support@brand.example
    password: {password}
"""


def load(folder: Path, text: str) -> Settings:
    file = folder / "config.yaml"
    file.write_text(text, "utf-8")
    return load_settings(file)


def test_without_a_file_the_built_in_settings_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = Settings(database=f"sqlite:///{tmp_path}/supportbot-data/supportbot.db")
    assert load_settings(None) == expected


def test_config_yaml_of_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    DEFAULT_FILE.write_text("team_name: Night Shift\n")
    assert load_settings(None).team_name == "Night Shift"


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing yet\n") == load(tmp_path, "")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeffteam_name: Süd\n").team_name == "Süd"


def test_yaml_is_version_1_2_so_a_country_stays_a_word(tmp_path: Path) -> None:
    assert load(tmp_path, "team_name: NO\n").team_name == "NO"


def test_a_password_is_read_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "open sesame")
    mailbox = load(tmp_path, MAILBOX.format(password="env:IMAP_PASSWORD")).mailboxes[0]
    assert mailbox.password.get_secret_value() == "open sesame"


def test_a_password_is_read_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("open sesame\n")
    mailbox = load(tmp_path, MAILBOX.format(password="file:secret")).mailboxes[0]
    assert mailbox.password.get_secret_value() == "open sesame"


def test_no_secret_shows_when_settings_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "sesame")
    monkeypatch.setenv("DATABASE", "postgresql://bot:sesame@db.example/bot")
    settings = load(tmp_path, "database: env:DATABASE\n" + MAILBOX.format(password="env:IMAP_PASSWORD"))
    assert settings.database == "postgresql://bot:sesame@db.example/bot"
    assert "sesame" not in f"{settings} {settings!r} {settings.mailboxes}"


def test_relative_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    settings = load(tmp_path, "rules: rules\ndatabase: sqlite:///data/bot.db\n")
    assert (settings.rules, settings.database) == (tmp_path / "rules", f"sqlite:///{tmp_path}/data/bot.db")


def test_the_demo_mailbox_asks_for_no_user_and_no_password(tmp_path: Path) -> None:
    text = "mailboxes: [{name: a, address: a@shop.example, host: demo}]\nsmtp: {host: demo}\n"
    assert load(tmp_path, text).mailboxes[0].host == "demo"


def test_the_example_in_the_repository_runs_as_it_is() -> None:
    settings = load_settings(Path(__file__).parent.parent / "config.yaml")
    assert [mailbox.host for mailbox in settings.mailboxes] == ["demo"]


def test_the_example_states_the_defaults_it_claims(tmp_path: Path) -> None:
    example = load_settings(Path(__file__).parent.parent / "config.yaml")
    special = {"database", "rules", "templates", "mailboxes", "smtp"}
    assert example.model_dump(exclude=special) == Settings().model_dump(exclude=special)


def test_init_writes_an_example_that_loads(tmp_path: Path) -> None:
    target = tmp_path / "new"
    written = write_example(target)
    assert [path.name for path in written] == ["config.yaml", "rules", "templates"]
    assert load_settings(target / "config.yaml").rules == target / "rules"


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("team_name: mine\n")
    with pytest.raises(UsageError, match=r"holds config\.yaml already"):
        write_example(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml"]


def test_a_file_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml: found no such file; .*supportbot init"):
        load_settings(tmp_path / "absent.yaml")
