"""`voicejury token`."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from voicejury.tokens import Scope, verify

from deploy.cli import main
from deploy.commands import CommandError
from deploy.commands.token import parse_ttl_s

SECRET = "a secret of the tests, long enough"


@pytest.mark.parametrize(("text", "ttl_s"), [("1s", 1), ("90s", 90), ("15m", 900), ("1h", 3600), ("30d", 2_592_000)])
def test_a_duration_is_read_in_its_unit(text: str, ttl_s: int) -> None:
    assert parse_ttl_s(text) == ttl_s


@pytest.mark.parametrize("text", ["", "1", "h", "0s", "31d", "-1h", "1.5h", "1h30m", "9999999999s", "1w"])
def test_a_bad_duration_is_refused(text: str) -> None:
    with pytest.raises(CommandError):
        parse_ttl_s(text)


def test_the_token_is_a_testers_and_signed_with_the_folders_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    result = CliRunner(env={"VOICEJURY_SECRET": ""}).invoke(main, ["token", "--ttl", "5m", "--data-dir", str(tmp_path)])
    assert result.exit_code == 0
    assert verify(SECRET, result.stdout.strip(), frozenset({Scope.TESTER})).scope is Scope.TESTER


def test_without_a_secret_the_command_says_how_to_get_one_and_ends_with_2(tmp_path: Path) -> None:
    result = CliRunner(env={"VOICEJURY_SECRET": ""}).invoke(main, ["token", "--data-dir", str(tmp_path)])
    assert result.exit_code == 2
    assert "voicejury serve" in result.stderr
    assert SECRET not in result.output
