"""A real Chromium, a real Voilà and a real JupyterLab.

Where there is no Chromium, these tests are skipped and say so; with HWD_REQUIRE_BROWSER=1 in the environment
(as in CI) they fail instead.
"""

import os
import shutil
from pathlib import Path

import pytest

from tools.browser import ARGUMENTS, LOOPBACK, ROOT, Server, find_chromium


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")  # it leaves an event loop running, in which other tests could not
def browser():
    required = os.environ.get("HWD_REQUIRE_BROWSER") == "1"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        (pytest.fail if required else pytest.skip)(
            "The browser tests need playwright: pip install playwright."
        )
    with sync_playwright() as playwright:
        path = find_chromium()
        if path is None and Path(playwright.chromium.executable_path).exists():
            path = playwright.chromium.executable_path
        if path is None:
            (pytest.fail if required else pytest.skip)(
                "The browser tests need Chromium, and there is none: apt install chromium, or "
                "python -m playwright install chromium."
            )
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def voila(browser, tmp_path_factory):
    """The app as `hwd app` serves it, with kernels warmed up."""
    command = ["hwd_lib", "app"]
    server = Server(command, tmp_path_factory.mktemp("voila"), "is filled with")
    yield server
    server.stop()


@pytest.fixture(scope="package")
def lab(browser, tmp_path_factory):
    """JupyterLab on a copy of the notebooks, so that saving changes nothing here."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "root" / "notebooks")
    command = ["hwd_lib.serving.course", f"--ServerApp.root_dir={folder / 'root'}", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token="]
    server = Server(command, folder, "is running at")
    server.notebooks = folder / "root" / "notebooks"
    yield server
    server.stop()


@pytest.fixture
def new_page(browser):
    """``new_page(**options)`` opens a page. In none may anything go wrong, or ask a server elsewhere.

    `page.excused` takes words: what a page says on its console with one of them is not held against it.
    """
    contexts, wrong, excused = [], [], []

    def open_page(**options):
        # The hint on an empty sheet moves for ever; here that would be paid for by the processor.
        usual = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
        context = browser.new_context(**(usual | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(float(os.environ.get("HWD_BROWSER_TIMEOUT", "60")) * 1000)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(LOOPBACK) else wrong.append(f"asks {r.url}"))
        page.excused = excused
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [message for message in wrong if not any(word in message for word in excused)] == []
