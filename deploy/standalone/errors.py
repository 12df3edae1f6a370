"""What the supervisor can fail at; each text is one line that says what to do.

StandaloneError
├── BadSettingError        an address, port, secret or folder that cannot be used
│   ├── PortTakenError     another program listens there
│   ├── FolderBusyError    another `voicejury serve` runs on this data folder
│   └── LanError           no address on a local network
└── ServiceFailedError     a service did not start, or ended again and again
"""


class StandaloneError(Exception):
    """The services cannot run."""


class BadSettingError(StandaloneError):
    """The command line or the environment asks for what cannot be."""


class PortTakenError(BadSettingError):
    """Another program listens there."""


class FolderBusyError(BadSettingError):
    """Another supervisor holds the data folder."""


class LanError(BadSettingError):
    """No address on a local network can be used."""


class ServiceFailedError(StandaloneError):
    """A service did not start, or ended again and again."""
