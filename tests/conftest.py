"""What several test files share: the data, loaded once, and a place for figures worth printing."""

import os
import signal
import sys
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy comes: as many tests run as there are cores
sys.modules.setdefault("rfc3987_syntax", None)  # as in hwd_lib.serving: nbformat is loaded a second faster
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun in the background, as what is started here is
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
FIGURE = "figure worth printing"


# What takes longest comes first, so that no process works alone at the end. Files that stand together share
# a server and a browser.
LONG = (
    ("browser/test_course", "browser/test_lab"),
    ("browser/test_app", "browser/test_voila"),
    ("browser/test_hand", "browser/test_numbers", "browser/test_speed"),
    ("browser/test_page",),
    ("browser/test_site",),
    ("browser/test_foreign_settings",),
    ("test_publishing",),
    ("test_attacks",),
    ("test_command",),
    ("test_start",),
    ("test_class",),
    ("test_sweep",),
)
PLACES = {name: place for place, names in enumerate(LONG) for name in names}
ALONE = ("test_notebooks",)  # its tests have nothing in common


@pytest.hookimpl(optionalhook=True)  # there is none without pytest-xdist
def pytest_xdist_auto_num_workers(config):
    """One more than there are cores: a test with a browser or a server mostly waits."""
    return os.cpu_count() + 1


def pytest_collection_modifyitems(items):
    names = {item.path: item.path.relative_to(ROOT / "tests").with_suffix("").as_posix() for item in items}
    items.sort(key=lambda item: PLACES.get(names[item.path], len(LONG)))


@pytest.hookimpl(optionalhook=True)  # there is none without pytest-xdist
def pytest_xdist_make_scheduler(config, log):
    """Where tests run side by side, those of a file stay together: they share what takes long to set up."""
    # xdist's own groups do not work with pytest 9.2: it changes `_nodeid`, which nobody reads any more.
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            name = nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
            if name in ALONE:
                return nodeid
            return LONG[PLACES[name]][0] if name in PLACES else name

    config.option.loadscopereorder = False  # the order is that of `LONG`, not by the number of tests
    return Together(config, log)


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
