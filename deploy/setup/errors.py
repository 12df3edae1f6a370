"""What set-up can fail at. Every error carries its remedy.

SetupError
└── CommandFailedError   a program ended with an error
"""


class SetupError(Exception):
    """Something is missing or refused; `remedy` says what to do."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


class CommandFailedError(SetupError):
    """A program ended with an error; its output was shown."""
