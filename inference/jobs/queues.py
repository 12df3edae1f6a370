"""Which stages of the judging need what: each process works on the queues that its setting names."""

from inference.jobs.stages import Bench, Stage

DEFAULT, GPU, GPU_HEAVY = "default", "gpu", "gpu-heavy"
QUEUES = frozenset({DEFAULT, GPU, GPU_HEAVY})
PLACES = {DEFAULT: 8, GPU: 1, GPU_HEAVY: 1}  # at a time in one process: pitch tracking fills the cores by itself
QUEUE_OF = {Stage.SEPARATE: GPU_HEAVY, Stage.PITCH: GPU, Stage.WORDS: GPU}


def queue_of(stage: Stage, _bench: Bench) -> str:
    return QUEUE_OF.get(stage, DEFAULT)
