"""What can go wrong in the judge. The texts are safe to show.

InferenceError
├── AudioFormatError    a file that is no sound, empty, corrupt or too long
├── TakeError           a spool that holds no take
│   └── TakeDamagedError    one that has lost its beginning
├── SongError           a song that cannot be sung against
├── TakeMissingError    no take under that key
├── RequestError        a request that is not well formed
├── OverloadedError     more takes wait than can be judged soon
├── ModelMissingError   a model that is not installed
├── JobFailedError      a take that could not be judged; asking for the same attempt again changes nothing
├── PrepareError        a recording that cannot be made into a song; it has a code
└── SingError           a message of one singer that cannot be followed; it has a code
"""


class InferenceError(Exception):
    """Base of all errors of this service."""


class AudioFormatError(InferenceError):
    """A file that is no sound, empty, corrupt or too long."""


class TakeError(InferenceError):
    """A spool that holds no take."""


class TakeDamagedError(TakeError):
    """A spool that is there and has lost its beginning: what was sung cannot be read any more."""


class SongError(InferenceError):
    """A song that cannot be sung against."""


class TakeMissingError(InferenceError):
    """No take under that key."""


class RequestError(InferenceError):
    """A request that is not well formed."""


class OverloadedError(InferenceError):
    """More takes wait than can be judged soon."""


class ModelMissingError(InferenceError):
    """A model that is not installed; the text names the remedy."""


class JobFailedError(InferenceError):
    """A take that could not be judged; asking for the same attempt again changes nothing."""


class PrepareError(InferenceError):
    """A recording that cannot be made into a song. `code` is stable, e.g. "no-voice"."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class SingError(InferenceError):
    """A message of one singer that cannot be followed. `code` is stable, e.g. "bad-audio"."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
