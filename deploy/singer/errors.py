"""SingError: the singer cannot sing; the text is one clear line."""


class SingError(Exception):
    """Bad input, no server, or a server that refuses."""
