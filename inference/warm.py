"""`python -m inference.warm` compiles the judge's loops and keeps them on disk for the first verdict."""

from inference.analysis.judging import JudgeTools
from inference.analysis.warm import warm_up
from inference.models.estimators import build_estimator

if __name__ == "__main__":
    warm_up(JudgeTools(build_estimator("tiny"), None, "not looked for"))
