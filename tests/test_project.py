"""The project keeps its own rules: the library's floors and size, what is installed, what the papers say."""

import ast
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from graphlib import TopologicalSorter

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

# A module imports only from floors below its own, or from its own folder. A new one gets its name here.
FLOORS = {
    -1: ["files", "runs"],  # the cellar: they know of no network
    0: ["mnist", "network", "preprocessing", "augmentation", "optimizers"],
    1: ["training", "evaluation"],
    2: ["stroke_styles", "numbers", "saved", "png", "test_set", "pictures"],
    3: ["datasets", "page", "plots", "sweep", "checks", "paper"],
    4: ["exercises", "widgets", "serving"],
    5: ["commands", "__main__"],
}
FLOOR_OF = {module: floor for floor, modules in FLOORS.items() for module in modules}
FLOOR_OF["__init__"] = 3.5  # it shows the names of floors 0 to 3, and imports each when it is asked for
LINE_BUDGET = 1300  # what a learner can read in an afternoon: floors 0 and 1, docstrings and all


@pytest.fixture(scope="session")
def tracked(root):
    """The files that git knows, except those that are deleted in the working tree."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


@pytest.fixture(scope="session")
def pyproject(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def modules(root):
    """(first part of the name inside hwd_lib, path) of every module of the library."""
    for path in sorted((root / "hwd_lib").rglob("*.py")):
        yield path.relative_to(root / "hwd_lib").with_suffix("").parts[0], path


def imports(path, top_level_only=False):
    """Names of the modules that a file imports, inside functions too. Relative imports become absolute."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, (
                f"{path.name}: write `from hwd_lib...`, so that one search finds every import"
            )
            if node.module == "hwd_lib":
                yield from (f"hwd_lib.{alias.name}" for alias in node.names)
            else:
                yield node.module


# The library ------------------------------------------------------------------------------------------------


def test_every_module_stands_on_a_floor(root):
    unknown = {name for name, _ in modules(root)} - set(FLOOR_OF)
    assert not unknown, f"no floor for {sorted(unknown)}: is the module needed? Then give it a line in FLOORS"


@pytest.mark.parametrize("module", [*FLOORS[-1], *FLOORS[0], *FLOORS[1]])
def test_what_learners_read_has_tests_of_its_own(root, module):
    tests = root / "tests" / f"test_{module}.py"
    assert tests.is_file() and f"hwd_lib.{module}" in set(imports(tests)), (
        f"{tests.name} should test {module}"
    )


def test_modules_import_only_from_floors_below(root):
    wrong = []
    for name, path in modules(root):
        for imported in imports(path):
            package, _, rest = imported.partition(".")
            target = rest.partition(".")[0]
            if package != "hwd_lib" or target in ("", "__version__", name):
                continue  # the modules of one folder share a room
            if FLOOR_OF.get(target, 9) >= FLOOR_OF.get(name, 9):
                wrong.append(f"{path.relative_to(root)} imports {imported}")
    assert not wrong


def test_no_modules_import_each_other_in_a_circle(root):
    def name_of(path):
        parts = path.relative_to(root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    paths = {name_of(path): path for _, path in modules(root)}
    uses = {}
    for name, path in paths.items():
        tree = ast.parse(path.read_text("utf-8"))
        lines = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module in paths]
        inside = {f"{node.module}.{alias.name}" for node in lines for alias in node.names} & set(paths)
        uses[name] = (inside | {node.module for node in lines} | set(imports(path))) & set(paths) - {name}
        # `from hwd_lib.checks import guard` inside the package needs guard, and not the package itself.
        uses[name] -= {parent for parent in uses[name] if name.startswith(f"{parent}.")}
    TopologicalSorter(uses).prepare()  # raises CycleError, with the circle


def test_contributing_shows_the_floors(root):
    text = (root / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| (-?\d) \| ([^|]*) \|", text, flags=re.M)
    shown = {int(floor): set(re.findall(r"`(\w+)`", names)) for floor, names in rows}
    assert shown == {floor: set(names) for floor, names in FLOORS.items()}


def test_papers_name_every_folder(root, tracked):
    papers = "".join((root / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    folders = {path.relative_to(root).parts[0] for path in tracked if path.parent != root}
    unnamed = {name for name in folders if not name.startswith(".") and not re.search(rf"\b{name}\b", papers)}
    assert not unnamed


def test_no_module_is_more_than_a_room(root):
    long = {
        path.name: lines
        for name, path in modules(root)
        if name != "exercises" and (lines := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert not long


def test_nothing_but_tests_imports_tests(root):
    folders = ("benchmarks", "docs", "tools", "hwd_lib")
    scripts = [path for folder in folders for path in (root / folder).rglob("*.py")]
    wrong = [path for path in scripts for name in imports(path) if name.split(".")[0] in ("tests", "pytest")]
    assert len(scripts) > 50 and not wrong, "what tests and benchmarks share stands in tools/"


def test_lower_floors_need_numpy_alone(root):
    known = set(sys.stdlib_module_names) | {"hwd_lib", "numpy"}
    wrong = []
    for name, path in modules(root):
        if FLOOR_OF.get(name, 0) <= 1:
            at_top = {imported.partition(".")[0] for imported in imports(path, top_level_only=True)}
            inside = {imported.partition(".")[0] for imported in imports(path)}
            wrong += [f"{path.name} imports {other} at its top" for other in at_top - known]
            wrong += [f"{path.name} imports {other}" for other in inside - known - {"tqdm", "threadpoolctl"}]
    assert not wrong


def test_only_the_plots_use_matplotlib(root):
    users = {
        name
        for name, path in modules(root)
        for imported in imports(path)
        if imported.startswith("matplotlib")
    }
    assert users <= {"plots", "sweep", "commands", "pictures"}, "the app draws its panels as HTML and SVG"


def test_each_module_opens_with_a_sentence(root):
    silent = [
        path.name for _, path in modules(root) if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent


def test_floors_0_and_1_keep_to_their_line_budget(root, say):
    files = [path for name, path in modules(root) if name in (*FLOORS[0], *FLOORS[1], "stroke_styles")]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    written = sum(1 for line in lines if line.strip())
    say(f"floors 0 and 1, styles: {written} lines (budget {LINE_BUDGET}), {len(lines)} with blank ones")
    assert written < LINE_BUDGET


def test_library_imports_and_predicts_with_numpy_alone(root):
    lower = [*FLOORS[-1], *FLOORS[0], *FLOORS[1]]
    code = f"""
import sys

class OnlyNumpy:
    # Asked first for every import: as if nothing but the standard library, NumPy and hwd_lib were installed.
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("numpy", "hwd_lib"):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, OnlyNumpy())
sys.path.insert(0, {str(root)!r})
import importlib
import numpy
import hwd_lib
for name in {lower}:
    importlib.import_module("hwd_lib." + name)
from hwd_lib.network import Network
digit = Network([784, 16, 10], seed=0).predict(numpy.zeros((1, 784), numpy.float32))
print(digit.shape, sorted({{"matplotlib", "ipycanvas", "ipywidgets", "IPython", "tqdm"}} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-I", "-W", "error", "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "(1,) []"


# What is installed ------------------------------------------------------------------------------------------


def locked(path):
    """{name: [(version, marker or None, number of hashes)]} of a lock file."""
    packages = {}
    for entry in re.split(r"\n(?=\S)", path.read_text("utf-8")):
        if not entry.startswith("#"):
            requirement = Requirement(entry.split("\\\n")[0].strip())
            (pin,) = requirement.specifier
            assert pin.operator == "==", f"{path.name} does not pin {requirement.name}"
            found = (pin.version, requirement.marker, entry.count("--hash=sha256:"))
            packages.setdefault(requirement.name.lower().replace("_", "-"), []).append(found)
    return packages


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_locks_have_hashes_and_no_address(root, name):
    packages = locked(root / name)
    assert "://" not in (root / name).read_text("utf-8")
    assert all(hashes > 0 for entries in packages.values() for _, _, hashes in entries)
    assert len(packages) > 80


@pytest.mark.parametrize(
    ("name", "extras"),
    [("requirements.lock", []), ("requirements-test.lock", ["cluster", "onnx", "site", "test"])],
)
def test_locks_hold_what_the_project_asks_for(root, pyproject, name, extras):
    packages = locked(root / name)
    project = pyproject["project"]
    asked = project["dependencies"] + [
        line for extra in extras for line in project["optional-dependencies"][extra]
    ]
    asked = asked + pyproject["dependency-groups"]["lock"]
    for requirement in map(Requirement, asked):
        if requirement.name != project["name"]:
            versions = [version for version, _, _ in packages[requirement.name]]
            assert all(version in requirement.specifier for version in versions), (
                f"{requirement}: locked at {versions}"
            )


def test_both_locks_agree(root):
    small, large = locked(root / "requirements.lock"), locked(root / "requirements-test.lock")
    for name in small:
        assert {version for version, _, _ in small[name]} == {version for version, _, _ in large[name]}, name


def test_this_environment_is_the_locked_one(root):
    from importlib.metadata import PackageNotFoundError, version

    if not (root / ".venv" / "installed.txt").exists() or not sys.prefix.startswith(str(root)):
        pytest.skip("the tests do not run in the environment of start.py")
    different = []
    for name, entries in locked(root / "requirements-test.lock").items():
        for pinned, marker, _ in entries:
            if marker is None or marker.evaluate():
                try:
                    found = version(name)
                except PackageNotFoundError:
                    found = "nothing"
                if found != pinned:
                    different.append(f"{name}: locked {pinned}, found {found}")
    assert not different


def test_conda_environment_installs_the_same_package(root, pyproject):
    environment = yaml.safe_load((root / "environment.yml").read_text("utf-8"))
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (by_pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert by_pip == ["-e ."], "what the project needs stands in pyproject.toml alone"
    assert sorted(re.split(r"[=<>]", entry)[0] for entry in conda) == ["pip", "python"]
    (python,) = [entry.partition("=")[2] for entry in conda if entry.startswith("python")]
    assert python in SpecifierSet(pyproject["project"]["requires-python"])


@pytest.mark.parametrize("extra", [None, "test", "cluster", "onnx", "site"])
def test_what_is_installed_meets_the_projects_wishes(pyproject, extra):
    from importlib.metadata import version

    project = pyproject["project"]
    for line in project["optional-dependencies"][extra] if extra else project["dependencies"]:
        requirement = Requirement(line)
        here = requirement.marker is None or requirement.marker.evaluate()
        if here and requirement.name != project["name"]:
            assert version(requirement.name) in requirement.specifier


def test_every_third_party_import_is_declared(root, pyproject):
    project = pyproject["project"]
    declared = {
        Requirement(line).name
        for line in project["dependencies"]
        + [line for extra in ("cluster", "onnx") for line in project["optional-dependencies"][extra]]
    }
    # Brought by the declared ones, and used as a part of them.
    declared |= {"hwd_lib", "IPython", "jinja2", "jupyter_client", "jupyter_server", "nbformat", "packaging"}
    declared |= {"tornado", "traitlets"}
    # Imported by another name than they are installed by.
    declared |= {{"opencv-python-headless": "cv2", "pillow": "PIL"}.get(name, name) for name in declared}
    used = {imported.partition(".")[0] for _, path in modules(root) for imported in imports(path)}
    assert used - set(sys.stdlib_module_names) <= declared


@pytest.mark.slow
def test_wheel_holds_the_whole_library(root, tracked, tmp_path):
    tracked = [path.relative_to(root) for path in tracked]
    wanted = [path for path in tracked if path.parts[0] == "hwd_lib"]
    template = [path for path in tracked if path.parts[0] == "voila_template"]
    copy = tmp_path / "copy"
    for path in [*wanted, *template, "pyproject.toml", "README.md", "LICENSE"]:
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / path, copy / path)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
    ]
    made = subprocess.run([*command, "-w", str(tmp_path), str(copy)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {path.as_posix() for path in wanted} <= names
    for path in template:  # where Voilà looks for the page around the app
        assert any(name.endswith(f"share/jupyter/voila/templates/hwd/{path.name}") for name in names)
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"hwd_lib"}


# The papers -------------------------------------------------------------------------------------------------


def test_ruff_is_content(root):
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "."],
        cwd=root, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


def heading_anchors(text):
    """The anchors that GitHub gives to the headings of a Markdown text."""
    headings = re.findall(r"^#+\s+(.+?)\s*$", re.sub(r"```.*?```", "", text, flags=re.S), flags=re.M)
    plain = (re.sub(r"[*`]|\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def markdown_of(path):
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return path.read_text("utf-8")


def test_links_resolve(tracked):
    broken = []
    for path in tracked:
        if path.suffix not in (".md", ".ipynb"):
            continue
        text = re.sub(r"```.*?```|`[^`\n]*`", "", markdown_of(path), flags=re.S)
        links = re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", text)
        links += re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
        for link in links:
            target, _, anchor = link.partition("#")
            if re.match(r"[a-z]+:", link) or (link.startswith("#") and path.suffix == ".ipynb"):
                continue
            file = (path.parent / target) if target else path
            if not file.exists():
                broken.append(f"{path.name}: {link}: there is no such file")
            elif anchor and file.suffix == ".md" and anchor not in heading_anchors(file.read_text("utf-8")):
                broken.append(f"{path.name}: {link}: there is no such heading")
    assert not broken


def test_no_file_names_a_machine_or_a_registry(tracked, root):
    # Put together here, so that this file does not name them either.
    roots = ["work", "farm", "root", "tmp/w", "home/[a-z]+", "Users/[A-Za-z]+"]
    hosts = ["files.python" + "hosted", "registry." + "npmjs", "deb." + "debian", "pypi." + "org/simple"]
    pattern = re.compile(
        "|".join([rf"(?<![\w.$}}])/{name}/" for name in roots] + [re.escape(host) for host in hosts])
    )
    found = []
    for path in tracked:
        if path.suffix not in (".gz", ".npz", ".png"):
            for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
                if match := pattern.search(line):
                    found.append(f"{path.relative_to(root)}:{number}: {match[0]}")
    assert not found


def test_notebooks_are_committed_without_outputs(tracked):
    wrong, ids = [], set()
    for path in tracked:
        if path.suffix == ".ipynb":
            notebook = json.loads(path.read_text("utf-8"))
            if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
                wrong.append(f"{path.name}: the kernel is not python3")
            for cell in notebook["cells"]:
                if cell.get("outputs") or cell.get("execution_count"):
                    wrong.append(f"{path.name}: a cell has outputs")
                if "id" not in cell or (path, cell["id"]) in ids:
                    wrong.append(f"{path.name}: a cell has no id of its own")
                ids.add((path, cell.get("id")))
    assert not wrong


def test_readme_commands_exist(root):
    start = (root / "start.py").read_text("utf-8")
    for name in ("README.md", "CONTRIBUTING.md"):
        for command in re.findall(r"python3 start\.py(?: ([a-z]+))?", (root / name).read_text("utf-8")):
            assert command == "" or re.search(rf"^    python3 start\.py {command}\s", start, flags=re.M), (
                command
            )


def test_data_readme_tells_the_truth(root):
    text = (root / "data" / "README.md").read_text("utf-8")
    for path in sorted((root / "data").glob("*.gz")):
        packed = path.read_bytes()
        raw = gzip.decompress(packed)
        shape = [int.from_bytes(raw[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(raw[3])]
        (described,) = re.findall(rf"^\| `{path.name}` \|(.*)\|$", text, flags=re.M)
        written = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
        assert written in described
        assert f" {len(raw)} " in described
        (sums,) = re.findall(rf"^\| `{path.stem}` \| `(\w+)` \| `(\w+)` \|$", text, flags=re.M)
        assert sums == (hashlib.md5(raw).hexdigest(), hashlib.sha256(raw).hexdigest())
        assert packed[4:8] == bytes(4), f"{path.name} carries a time stamp"
    assert len(list((root / "data").glob("*.gz"))) == 4
