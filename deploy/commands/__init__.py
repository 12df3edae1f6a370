"""The commands of `voicejury`, one file each."""

import click


class CommandError(click.ClickException):
    """Bad input: one clear line on standard error, exit code 2."""

    exit_code = 2
