"""`voicejury token`: a token for people who test the services by hand."""

import re
from pathlib import Path

import click
from voicejury.tokens import Scope, TokenError, mint

from deploy.commands import CommandError
from deploy.secret import SecretError, read_secret

UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MIN_TTL_S = 1
MAX_TTL_S = 30 * 86_400


def parse_ttl_s(text: str) -> int:
    """Seconds of `90s`, `15m`, `1h` or `7d`. Raises CommandError outside 1 s to 30 d."""
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", text.strip())
    if not match:
        raise CommandError(f"--ttl {text!r} is not a duration: write 90s, 15m, 1h or 7d")
    ttl_s = int(match[1]) * UNIT_S[match[2]]
    if not MIN_TTL_S <= ttl_s <= MAX_TTL_S:
        raise CommandError(f"--ttl {text} is out of bounds: from 1s to 30d")
    return ttl_s


@click.command("token")
@click.option("--ttl", default="1h", show_default=True, help="How long it is valid: 90s, 15m, 1h, 7d.")
@click.option(
    "--data-dir",
    envvar="VOICEJURY_DATA_DIR",
    default=Path("data"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder whose secret signs it, unless VOICEJURY_SECRET is set.",
)
def command(ttl: str, data_dir: Path) -> None:
    """Print a token that LiveService and TesterService accept."""
    ttl_s = parse_ttl_s(ttl)
    try:
        click.echo(mint(read_secret(data_dir), Scope.TESTER, "tester", ttl_s))
    except (SecretError, TokenError) as error:
        raise CommandError(str(error)) from error
