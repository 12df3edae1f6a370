"""Fixtures of every test folder."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.house import House, running_house
from tests.support.page_build import BUILT, ensure_page, missing_tool
from tests.support.places import RECORDINGS
from tests.support.required import VARIABLE, is_wanted, may_skip

# `.ci/run` tries the same examples each time: a new counterexample is for whoever develops, not for whoever lands.
# No example has a deadline: a busy machine is no counterexample.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", settings.get_profile("patient"), derandomize=True)
settings.load_profile("repeatable" if is_wanted() else "patient")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Makes a failure of a skip that `.ci/run` does not allow."""
    report = yield
    if is_wanted() and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not may_skip(reason, wants_gpu=item.get_closest_marker("gpu") is not None, recordings=RECORDINGS):
            report.outcome = "failed"
            report.longrepr = f"{VARIABLE} is set, so this may not skip: {reason}"
    return report


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of real recordings with ground truth."""
    if not RECORDINGS.is_dir():
        pytest.skip("no test recordings: set VOICEJURY_TEST_DATA")
    return RECORDINGS


@pytest.fixture(scope="session")
def built_page() -> Path:
    reason = missing_tool()
    if reason is not None and not BUILT.exists():
        pytest.skip(reason)
    if reason is None:
        ensure_page()
    return BUILT


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, built_page: Path) -> Iterator[House]:
    """All services, running; one for the whole test run."""
    with running_house(tmp_path_factory.mktemp("house") / "data") as running:
        yield running
