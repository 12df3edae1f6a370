"""A house whose reference service splits recordings, and a browser in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import playwright, visit
from tests.support.house import House, running_house
from tests.support.tiny_demucs import write_left_hearing

__all__ = ["playwright", "visit"]
MODEL = "tiny"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the browser last: Playwright's blocking interface keeps an event loop running in this thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, built_page: Path) -> Iterator[House]:
    """All five services; the voice that their small network finds is the one on the left."""
    data_dir = tmp_path_factory.mktemp("house") / "data"
    write_left_hearing(data_dir / "models" / MODEL, MODEL)
    with running_house(data_dir, {"VOICEJURY_DEMUCS_MODEL": MODEL, "VOICEJURY_FINAL_PITCH": "tiny"}) as running:
        yield running
