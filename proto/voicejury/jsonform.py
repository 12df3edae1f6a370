"""Messages of the contract as the JSON that people and the page read."""

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from voicejury.v1 import verdict_pb2

PARTS = ("total", "pitch", "rhythm", "lyrics")
PRECISION = 2


def message_dict(message: Message) -> dict[str, Any]:
    """Field names as in the contract, defaults written out."""
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def verdict_dict(verdict: verdict_pb2.Verdict) -> dict[str, Any]:
    """Like message_dict, with null for each part that was not measured."""
    document = message_dict(verdict)
    for part in (*PARTS, "live_pitch"):
        value = document.get(part)
        document[part] = None if value is None else round(value, PRECISION)
    for line in document["lines"]:
        for part in PARTS[1:]:
            value = line.get(part)
            line[part] = None if value is None else round(value, PRECISION)
    return document
