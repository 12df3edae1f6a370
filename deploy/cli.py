"""The `voicejury` command. Each command's module is imported when it is asked for, so `--help` is quick."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from deploy.commands import CommandError

COMMANDS = {
    "serve": "deploy.commands.serve",
    "songs": "deploy.commands.songs",
    "sing": "deploy.commands.sing",
    "judge": "deploy.commands.judge",
    "reference": "deploy.commands.reference",
    "pitch": "deploy.commands.pitch",
    "words": "deploy.commands.words",
    "models": "deploy.commands.models",
    "token": "deploy.commands.token",
}


class LazyGroup(click.Group):
    """Finds the command NAME as the attribute `command` of its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with told_in_one_line():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with told_in_one_line():
            return super().invoke(ctx)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """A wrong command line is told as any other bad input, and where the right one stands."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise  # it prints the help
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "voicejury"
        reason = " ".join(error.format_message().split()).rstrip(".")
        raise CommandError(f"{reason} (see {command} --help)") from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voicejury")
def main() -> None:
    """Tu as un incroyable talent ? Sing, see your voice live, face a jury of three."""


if __name__ == "__main__":
    main(prog_name="voicejury")
