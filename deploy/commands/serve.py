"""`voicejury serve`: all services on this machine, supervised, behind one address."""

import time
from collections.abc import Callable
from pathlib import Path

import click
from voicejury import lifecycle

from deploy import lan
from deploy.commands import CommandError
from deploy.secret import SecretError, ensure_secret
from deploy.standalone.errors import BadSettingError, StandaloneError
from deploy.standalone.folder import DataFolder
from deploy.standalone.ports import LOOPBACK, page_port
from deploy.standalone.services import Settings, choose_addresses
from deploy.standalone.supervisor import Supervisor

PORT = click.IntRange(0, 65_535)


@click.command("serve")
@click.option("--host", envvar="VOICEJURY_HOST", default=LOOPBACK, show_default=True, help="Address of the page.")
@click.option("--port", envvar="VOICEJURY_PORT", default=8000, show_default=True, type=PORT, help="0 takes a free one.")
@click.option(
    "--data-dir",
    envvar="VOICEJURY_DATA_DIR",
    default=Path("data"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Songs, takes, results, logs, run.json. Also by VOICEJURY_DATA_DIR.",
)
@click.option("--lan", "on_lan", is_flag=True, help="HTTPS for phones on the local network, with a QR code.")
def command(host: str, port: int, data_dir: Path, on_lan: bool) -> None:
    """Start everything on this machine and print one address. Ctrl-C stops it."""
    started = time.monotonic()
    folder = DataFolder(data_dir.absolute())
    try:
        folder.open()
        folder.ensure_demo()
        settings = _settings(folder, host, port, on_lan)
        supervisor = Supervisor(settings, choose_addresses(), folder, _say)
        lifecycle.run(supervisor.run(_announcement(settings, on_lan, started)))
    except (BadSettingError, SecretError) as error:
        raise CommandError(str(error)) from error
    except StandaloneError as error:
        raise click.ClickException(str(error)) from error
    finally:
        folder.close()
    _say("stopped")


def _settings(folder: DataFolder, host: str, port: int, on_lan: bool) -> Settings:
    secret = ensure_secret(folder.path)
    if not on_lan:
        return Settings(folder.path, host, page_port(host, port), secret)
    address = lan.lan_address()
    tls = lan.ensure_certificate(folder.path / "tls", address)
    return Settings(folder.path, address, page_port(address, port), secret, tls, media_address=address)


def _announcement(settings: Settings, on_lan: bool, started: float) -> Callable[[], None]:
    def announce() -> None:
        if on_lan:
            lan.print_qr_code(settings.url)
            _say(
                "Scan it with a phone on the same network. The phone warns once: the certificate is this machine's own."
            )
        _say(f"ready after {time.monotonic() - started:.1f} s; Ctrl-C stops it")
        click.echo(f"\n  {settings.url}\n")

    return announce


def _say(text: str) -> None:
    click.echo(f"voicejury: {text}", err=True)
