"""What can go wrong with a model."""


class HubError(Exception):
    """The hub does not give what is asked for; the text is one line for the operator."""
