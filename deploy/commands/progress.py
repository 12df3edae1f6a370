"""A progress bar for people: on standard error, and only where that is a terminal."""

from rich.console import Console
from rich.progress import Progress, ProgressColumn


def progress_bar(*columns: ProgressColumn, transient: bool = False, shown: bool = True) -> Progress:
    """`transient` takes the bar away at its end."""
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=transient, disable=not (shown and console.is_terminal))
