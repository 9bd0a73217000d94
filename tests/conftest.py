"""What several test files share: the data, loaded once, and a place for figures worth printing."""

import signal
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun in the background, as what is started here is
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
FIGURE = "figure worth printing"


def pytest_collection_modifyitems(items):
    """Where tests run side by side, those of a file stay together: they share what takes long to set up."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def root():
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def mnist():
    """All of MNIST. Do not write into these arrays: every test sees them."""
    from hwd_lib.mnist import load_mnist

    return load_mnist()


@pytest.fixture(scope="session")
def letters():
    """A network of the 26 capital letters. Do not write into it: every test sees it."""
    from tools.letters import train_letters

    return train_letters()


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
    return lambda line: request.node.user_properties.append((FIGURE, line))  # they travel with the report


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    lines = [
        line
        for report in reports
        if report.when == "call"
        for name, line in report.user_properties
        if name == FIGURE
    ]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.line(line)
