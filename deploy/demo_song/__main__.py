"""`python -m deploy.demo_song --out DIR` writes the demo song into DIR."""

from pathlib import Path

import click

from deploy.demo_song.build import build_demo_song


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the song.")
def main(out: Path) -> None:
    """Synthesises the demo song."""
    build_demo_song(out)
    click.echo(f"demo song written to {out}")


if __name__ == "__main__":
    main()
