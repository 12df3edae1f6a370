"""The secret that signs every token: from the environment, or made once in the data folder."""

import os
import secrets
from pathlib import Path

from voicejury.tokens import MIN_SECRET_BYTES

SECRET_BYTES = 48


class SecretError(Exception):
    """There is no usable secret; the text says what to do."""


def _checked(secret: str, source: str) -> str:
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise SecretError(f"{source} holds fewer than {MIN_SECRET_BYTES} bytes: give it a longer secret")
    return secret


def read_secret(data_dir: Path) -> str:
    """VOICEJURY_SECRET, otherwise `<data>/secret`. Raises SecretError where neither is there."""
    if from_environment := os.environ.get("VOICEJURY_SECRET"):
        return _checked(from_environment, "VOICEJURY_SECRET")
    path = data_dir / "secret"
    try:
        return _checked(path.read_text().strip(), str(path))
    except FileNotFoundError as error:
        raise SecretError(f"{path} is missing: start `voicejury serve` once, or set VOICEJURY_SECRET") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path} cannot be read: {error}") from error


def ensure_secret(data_dir: Path) -> str:
    """Like read_secret, and makes the file (mode 600) the first time."""
    path = data_dir / "secret"
    if not os.environ.get("VOICEJURY_SECRET"):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return read_secret(data_dir)
        except OSError as error:
            raise SecretError(f"{path} cannot be written: {error.strerror}") from error
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
    return read_secret(data_dir)
