"""The `voicejury` command. Each command's module is imported when it is asked for, so `--help` is quick."""

from importlib import import_module

import click

COMMANDS = {
    "serve": "deploy.commands.serve",
    "songs": "deploy.commands.songs",
    "sing": "deploy.commands.sing",
    "judge": "deploy.commands.judge",
    "pitch": "deploy.commands.pitch",
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


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voicejury")
def main() -> None:
    """Tu as un incroyable talent ? Sing, see your voice live, face a jury of three."""


if __name__ == "__main__":
    main()
