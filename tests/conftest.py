"""What several test files share: the data, loaded once, and a place for figures worth printing."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FIGURES = pytest.StashKey[list]()


@pytest.fixture(scope="session")
def root():
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def mnist():
    """All of MNIST. Do not write into these arrays: every test sees them."""
    from hwd_lib.mnist import load_mnist

    return load_mnist()


@pytest.fixture(scope="session", autouse=True)
def own_network():
    """What a learner trained in notebook 05 is there again after tests that run it."""
    path = ROOT / "saved_nn" / "my_network.npz"
    before = path.read_bytes() if path.exists() else None
    yield
    if before is not None:
        path.write_bytes(before)
    else:
        path.unlink(missing_ok=True)


@pytest.fixture
def say(request):
    """``say("floors 0 and 1: 900 lines")`` prints a line under "figures" at the end of the test run."""
    return request.config.stash[FIGURES].append


def pytest_configure(config):
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[FIGURES]:
        terminalreporter.section("figures")
        for line in config.stash[FIGURES]:
            terminalreporter.line(line)
