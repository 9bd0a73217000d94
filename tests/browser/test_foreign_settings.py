"""What other programs left on the computer takes nobody's app away; and a kernel that is gone is said."""

import json
import sys

import pytest

from tools.browser import DIGITS, Hand, Server, open_app, run_notebook, wait_for_guess


@pytest.fixture(scope="module")
def stray(tmp_path_factory):
    """Settings as another installation may have left them: `python3` is a Python that cannot run anything."""
    folder = tmp_path_factory.mktemp("stray")
    spec = folder / "data" / "kernels" / "python3"
    spec.mkdir(parents=True)
    words = {"argv": [sys.executable, "-c", "raise SystemExit(1)", "{connection_file}"]}
    (spec / "kernel.json").write_text(json.dumps(words | {"display_name": "Python 3", "language": "python"}))
    return {"JUPYTER_PATH": str(folder / "data"), "JUPYTER_PREFER_ENV_PATH": "0"}


def test_the_app_runs_on_its_own_interpreter(browser, new_page, tmp_path, stray):
    server = Server(["hwd_lib", "app"], tmp_path, "is filled with", **stray)
    page = new_page()
    try:
        Hand(open_app(page, server.url)).draw(DIGITS[7])
        wait_for_guess(page, 7)
    finally:
        page.close()
        server.stop()


def test_the_course_runs_on_its_own_interpreter(browser, new_page, root, tmp_path, stray):
    (tmp_path / "root" / "notebooks").mkdir(parents=True)
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "id": "one"}
    code["source"] = "import sys, hwd_lib; print('this is', sys.prefix)"
    book = {"cells": [code], "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}}}
    book |= {"nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "root" / "notebooks" / "one.ipynb").write_text(json.dumps(book))
    (line,) = [line for line in (root / "start.py").read_text("utf-8").splitlines() if "kernel_spec" in line]
    option = next(word for word in line.split('"') if "kernel_spec" in word)  # as start.py gives it
    command = ["hwd_lib.serving.course", f"--ServerApp.root_dir={tmp_path / 'root'}", "--allow-root", option]
    command += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token="]
    server = Server(command, tmp_path, "is running at", **stray)
    page = new_page()
    try:
        run_notebook(page, server.url, "one.ipynb")
        page.wait_for_function("text => document.body.innerText.includes(text)", arg=f"this is {sys.prefix}")
    finally:
        page.close()
        server.stop()


@pytest.mark.parametrize("ill", ["import os; os._exit(1)", "import time; time.sleep(1e6)"])
def test_a_kernel_that_is_gone_is_said_within_ten_seconds(browser, new_page, tmp_path, ill):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text(ill)
    server = Server(["hwd_lib", "app"], tmp_path, "is running at", IPYTHONDIR=str(tmp_path / "ipython"))
    page = new_page()
    try:
        page.excused.append("Failed to load resource")
        page.clock.install()  # ten seconds of the page: a busy machine has longer ones
        page.goto(server.url, wait_until="commit")
        page.clock.fast_forward(10_000)
        page.get_by_text("does not answer").or_(page.get_by_text("went wrong")).wait_for()
    finally:
        page.close()
        server.stop()
