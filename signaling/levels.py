"""The levels of the contract by the names that the page uses."""

from voicejury.v1 import live_pb2

LEVELS = {"kind": live_pb2.LEVEL_KIND, "normal": live_pb2.LEVEL_NORMAL, "strict": live_pb2.LEVEL_STRICT}
