"""`python -m inference.warm` compiles the loops of the judge and of the live score, and keeps them on disk."""

from inference.analysis.judging import JudgeTools
from inference.analysis.warm import warm_up
from inference.models.estimators import build_estimator
from inference.models.live_choice import build_live_estimator

if __name__ == "__main__":
    warm_up(JudgeTools(build_estimator("auto"), None, "not looked for"))
    build_live_estimator()
