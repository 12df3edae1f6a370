"""Whether the jury speaks about this take: each claim leads to something that the results hold."""

import re
from typing import Any

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def resolve(results: dict[str, Any], path: str) -> Any:
    """What stands at a path such as `lines[3].pitch`. Raises KeyError or IndexError where nothing does."""
    found: Any = results
    for name, index in STEP.findall(path):
        found = found[int(index)] if index else found[name]
    return found


def assert_the_jury_quotes_the_take(results: dict[str, Any]) -> None:
    jury = results["jury"]
    assert len(jury) == 3
    assert len({juror["persona"] for juror in jury}) == 3
    for juror in jury:
        assert isinstance(juror["vote"], bool)
        assert juror["claims"], f"{juror['persona']} quotes no fact"
        for claim in juror["claims"]:
            assert claim["value"], claim
            assert claim["value"] in juror["comment"], (claim, juror["comment"])
            assert resolve(results, claim["path"]) is not None, claim


def comments(results: dict[str, Any]) -> set[str]:
    return {juror["comment"] for juror in results["jury"]}
