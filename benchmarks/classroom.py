"""A dress rehearsal for a class: a real JupyterHub on this computer, with students that open the course.

    python benchmarks/classroom.py --folder rehearsal      three students; the folder is kept for next time

It needs Node.js (for npm), git and Chromium, and the packages of the tests. In the folder it makes an
environment of its own with the course, JupyterHub and nbgitpuller, and fetches configurable-http-proxy from
npm. The hub listens on loopback, takes every name with one password, and starts a server for each student.
Each student logs in, follows the link that a teacher would hand out (nbgitpuller then clones the course into
the student's home), runs notebook 00, and draws a 7. docs/classroom.md says how to set up the real thing.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
from playwright.sync_api import sync_playwright

from tools.browser import (
    ARGUMENTS,
    DIGITS,
    Hand,
    expect_kernel,
    find_chromium,
    run_all_cells,
    wait_for_guess,
    wait_for_paper,
)

ROOT = Path(__file__).resolve().parents[1]

PASSWORD = "seven"
CONFIG = """
import os

c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.cmd = ["{bin}/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
c.Spawner.default_url = "/lab"
# Every student works with the library, the networks and the progress of their own copy.
c.Spawner.environment = {{"PYTHONPATH": lambda spawner: "{homes}/" + spawner.user.name + "/course"}}
"""


def prepare(folder):
    """Make the environment and fetch the proxy, unless they are there from the last time."""
    binaries = folder / "venv" / "bin"
    if not (binaries / "jupyterhub").exists():
        print("Making an environment with the course and JupyterHub: this takes some minutes ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        pip = [binaries / "python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, ROOT, "jupyterhub", "nbgitpuller"], check=True)
        settings = Path("share", "jupyter", "lab", "settings")  # start.py wrote them: JupyterLab asks nothing
        shutil.copytree(sys.prefix / settings, folder / "venv" / settings, dirs_exist_ok=True)
    proxy = folder / "node_modules" / ".bin" / "configurable-http-proxy"
    if not proxy.exists():
        print("Fetching configurable-http-proxy ...", flush=True)
        npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "configurable-http-proxy"]
        subprocess.run([*npm, "--prefix", str(folder)], check=True)
    return binaries, proxy


def free_ports(count):
    """Ports that nobody uses."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def start_hub(folder, binaries, proxy):
    """Start JupyterHub; returns its process and its address."""
    port, hub_port, api_port = free_ports(3)
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    (run / "homes").mkdir(parents=True)
    config = run / "jupyterhub_config.py"
    config.write_text(
        CONFIG.format(
            port=port, hub_port=hub_port, api_port=api_port, proxy=proxy, password=PASSWORD,
            homes=run / "homes", bin=binaries,
        )
    )  # fmt: skip
    environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    with open(run / "hub.log", "w") as log:
        hub = subprocess.Popen(
            [binaries / "jupyterhub", "-f", config], cwd=run, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 180
    while True:
        with suppress(OSError):
            urllib.request.urlopen(f"{url}/hub/health", timeout=5).close()
            return hub, url
        if hub.poll() is not None or time.monotonic() > until:
            stop(hub)
            raise SystemExit(f"JupyterHub did not start; see {run / 'hub.log'}")
        time.sleep(0.2)


def stop(hub):
    """End the hub, and what it started."""
    children = psutil.Process(hub.pid).children(recursive=True) if hub.poll() is None else []
    hub.terminate()
    with suppress(subprocess.TimeoutExpired):
        hub.wait(20)
    for child in [*children, hub]:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            child.kill()


def attend(browser, url, repository, branch, name):
    """One student: log in, get the course, run notebook 00, draw. Returns the page."""
    first = "lab/tree/course/notebooks/00_draw_first.ipynb"
    link = f"{url}/hub/user-redirect/git-pull?repo={quote(repository, safe='')}&branch={branch}"
    link += f"&targetPath=course&urlpath={quote(first, safe='')}"
    seconds, started = {}, time.monotonic()

    def done(what):
        nonlocal started
        seconds[what], started = time.monotonic() - started, time.monotonic()

    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    page.goto(link)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    with expect_kernel(page):
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"**/user/{name}/**")
        done("log in, get a server")
        page.wait_for_url(f"**/user/{name}/{first}*")
        page.wait_for_selector(".jp-Notebook")
        done("get the course")
    run_all_cells(page)
    page.wait_for_selector(".hwd-app[data-ready=yes]")
    wait_for_paper(page)
    done("run notebook 00")
    Hand(page).draw(DIGITS[7])
    wait_for_guess(page, 7)
    done("draw a 7, have it read")
    print(f"{name}: " + ", ".join(f"{what} {taken:.1f} s" for what, taken in seconds.items()), flush=True)
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--folder", type=Path, default=Path("rehearsal"), help="outside the project, or ignored by git"
    )
    parser.add_argument("--students", type=int, default=3)
    parser.add_argument(
        "--repository", default=ROOT.as_uri(), help="where nbgitpuller clones the course from"
    )
    parser.add_argument("--branch", default="main")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    hub, url = start_hub(folder, *prepare(folder))
    names = [f"student{k + 1}" for k in range(arguments.students)]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            for name in names:
                page = attend(browser, url, arguments.repository, arguments.branch, name)
                page.screenshot(path=folder / "run" / f"{name}.png")
            browser.close()
        processes = [psutil.Process(hub.pid), *psutil.Process(hub.pid).children(recursive=True)]
        pss = sum(process.memory_full_info().pss for process in processes)
        print(f"memory: {pss / 2**20:.0f} MiB for the hub and {len(names)} students")
        kernels = [process for process in processes if "ipykernel" in " ".join(process.cmdline())]
        own = {process.environ()["PYTHONPATH"] for process in kernels}
        homes = folder / "run" / "homes"
        assert own == {str(homes / name / "course") for name in names}, "whose library do they use?"
        assert all((Path(course) / "hwd_lib").is_dir() for course in own)
    finally:
        stop(hub)
    print(f"All {len(names)} students drew. The hub's log: {folder / 'run' / 'hub.log'}")


if __name__ == "__main__":
    main()
