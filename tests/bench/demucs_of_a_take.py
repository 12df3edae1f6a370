"""What Demucs costs a take whose backing cancelling leaves too loud: one line of JSON for `make bench-verdict`.

htdemucs' real architecture at its real size with random weights: its time is the trained one's, its sound is none.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from inference.analysis.judging import sung_file
from inference.analysis.separating import Separation, separate
from inference.audio.bleed.backings import Backings
from inference.audio.framing import SAMPLE_RATE_HZ
from inference.models.demucs_options import DemucsOptions
from inference.models.demucs_separator import DemucsSeparator
from tests.support.bleed_takes import SongHouse, vibe_ace, vocadito_with
from tests.support.tiny_demucs import REAL, write_safetensors

NAME, OVERLAP = "htdemucs", 0.1
BLEED_DB = 0.0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="voicejury-bench-") as name:
        folder = Path(name)
        write_safetensors(folder, NAME, REAL)
        songs = SongHouse(folder / "songs")
        songs.put(vibe_ace())
        threads = max(1, (os.cpu_count() or 2) - 1)
        network = DemucsSeparator(DemucsOptions(folder, NAME, overlap=OVERLAP, threads=threads))
        separation = Separation("always", Backings(songs.folder.as_uri()), network)
        heard, told = vocadito_with(BLEED_DB).heard, []
        began_s = time.perf_counter()
        found = separate(sung_file(heard), songs.song, lambda _stage, done: told.append(done), separation)
        spent_s = time.perf_counter() - began_s
    if found.bleed is None or found.bleed.method != "separated":
        raise RuntimeError("the take was not split")
    print(json.dumps({"per_second": spent_s * SAMPLE_RATE_HZ / len(heard), "told": len(set(told))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
