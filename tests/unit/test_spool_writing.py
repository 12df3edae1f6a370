"""The spool's writer on a disk that is full, and closed under a running sync."""

import subprocess
import sys
from pathlib import Path

from voicejury.spool import SpoolWriter, read_records
from voicejury.v1 import audio_pb2

from tests.support.places import ROOT

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from voicejury.spool import SpoolWriter
from voicejury.v1 import audio_pb2

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, resource.RLIM_INFINITY))
writer = SpoolWriter(Path(sys.argv[1]))
refused = []
for seq in range(5):
    if seq == 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        writer.append(audio_pb2.TakeRecord(audio=audio_pb2.PcmChunk(seq=seq, pcm_s16le=bytes(900))))
    except OSError:
        refused.append(writer.end_offset == Path(sys.argv[1]).stat().st_size)
writer.close()
print(refused)
"""


def chunk(seq: int) -> audio_pb2.TakeRecord:
    return audio_pb2.TakeRecord(audio=audio_pb2.PcmChunk(seq=seq, pcm_s16le=bytes(900)))


def kept(path: Path) -> list[int]:
    with path.open("rb") as file:
        return [record.audio.seq for _, record in read_records(file)]


def test_a_full_disk_tears_no_record_and_the_spool_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    path = tmp_path / "take.spool"
    command = [sys.executable, "-c", FULL_DISK, str(path)]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": "proto"}, capture_output=True, text=True, timeout=30)
    assert (done.stdout.strip(), done.returncode) == ("[True, True]", 0), done.stderr
    assert kept(path) == [0, 1, 4]


def test_a_sync_after_the_close_does_nothing(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path / "take.spool")
    writer.append(chunk(0))
    writer.close()
    writer.sync()
    writer.close()
    assert kept(tmp_path / "take.spool") == [0]
