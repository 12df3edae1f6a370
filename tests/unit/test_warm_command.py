"""What `python -m inference.warm` leaves for a process that begins later, in another folder: nothing to compile."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.places import ROOT

SING_AND_JUDGE = """
import numpy as np
from numba.core import event
compiled = []
class Compiled(event.Listener):
    def on_start(self, happened):
        compiled.append(str(happened.data["dispatcher"]))
    def on_end(self, happened):
        pass
event.register("numba:compile", Compiled())
from inference.live.file_track import live_track
from inference.models.estimators import build_estimator
from inference.models.live_choice import build_live_estimator
from inference.models.tracking import track_pitch
from tests.unit.recordings import voice
from tests.unit.synthetic_singers import Singer, score, sing, tune
sound = voice(220.0, 1.5)
live_track(sound, build_live_estimator())
for name in ("auto", "tiny"):
    for samples in (sound, sound[:1]):
        track_pitch(samples, np.ones(len(samples), bool), build_estimator(name))
song = tune(4, 12.0)
score(song, sing(song, Singer(cents=300.0, drop=0.3)))
print(sorted(set(compiled)))
"""


def test_after_the_command_a_process_elsewhere_compiles_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "proto")))}
    subprocess.run([sys.executable, "-m", "inference.warm"], cwd=ROOT, env=environment, check=True)
    later = subprocess.run(
        [sys.executable, "-c", SING_AND_JUDGE],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert later.stdout.strip() == "[]"
