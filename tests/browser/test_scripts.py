"""The JavaScript, read by those who know it: Node.js and ESLint."""

import os
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from hwd_lib.widgets import page


@pytest.fixture(scope="module")
def node(root):
    """The path of Node.js, with ESLint where `.ci/run` puts it."""
    node, eslint = shutil.which("node"), root / "tests/browser/node_modules/eslint/bin/eslint.js"
    if node is None or not eslint.exists():
        (pytest.fail if os.environ.get("HWD_REQUIRE_BROWSER") == "1" else pytest.skip)(
            "The scripts are read by ESLint, and it is not there. With Node.js installed, fetch it by "
            "npm install --no-package-lock --prefix tests/browser; .ci/run does that."
        )
    return node


def lint(root, node, *options, given=None):
    config = "tests/browser/eslint.config.mjs"
    command = [node, "tests/browser/node_modules/eslint/bin/eslint.js", "--config", config, *options]
    return subprocess.run(command, cwd=root, input=given, capture_output=True, text=True)


def test_eslint_has_nothing_to_say(root, node):
    scripts = sorted((root / "hwd_lib").rglob("*.js"))
    assert len(scripts) > 4
    found = lint(root, node, "--max-warnings=0", *map(str, scripts))
    assert found.returncode == 0, found.stdout + found.stderr


def test_eslint_would_find_a_mistake(root, node):
    mistake = "const twice = 1; { const twice = 2; frobnicate(twice); }"
    found = lint(root, node, "--stdin", "--stdin-filename=hwd_lib/widgets/sheet.js", given=mistake)
    assert "no-shadow" in found.stdout and "'frobnicate' is not defined" in found.stdout


def test_a_panel_carries_the_scripts_as_they_are_written(root, node, tmp_path):
    """What stands in the attribute of the page is a script that Node.js can parse."""

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            self.found = dict(attributes)["onload"]

    parser = Parser()
    parser.feed(page.style("sheet", "app"))
    for name in ("sheet", "app"):
        assert (root / "hwd_lib" / "widgets" / f"{name}.js").read_text("utf-8") in parser.found
    (tmp_path / "panel.js").write_text(parser.found, "utf-8")
    checked = subprocess.run([node, "--check", tmp_path / "panel.js"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
