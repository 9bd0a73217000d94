"""A small library for learning how a neural network reads handwriting."""

import importlib
import importlib.util
import sys
import warnings
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

__version__ = "1.0.0"

# What one takes along. Each is imported when somebody asks for it: `import hwd_lib` alone costs nothing.
_FACE = {
    "Network": "network",
    "Split": "mnist",
    "load_mnist": "mnist",
    "load_idx": "datasets",
    "load_pictures": "datasets",
    "load_strokes": "datasets",
    "train": "training",
    "fine_tune": "training",
    "gradient_check": "training",
    "Augmentation": "augmentation",
    "preprocess": "preprocessing",
    "accuracy": "evaluation",
    "confusion_matrix": "evaluation",
}
if TYPE_CHECKING:
    from hwd_lib.augmentation import Augmentation
    from hwd_lib.datasets import load_idx, load_pictures, load_strokes
    from hwd_lib.evaluation import accuracy, confusion_matrix
    from hwd_lib.mnist import Split, load_mnist
    from hwd_lib.network import Network
    from hwd_lib.preprocessing import preprocess
    from hwd_lib.training import fine_tune, gradient_check, train

__all__ = [
    "Augmentation", "Network", "Split", "accuracy", "confusion_matrix", "fine_tune", "gradient_check",
    "load_idx", "load_mnist", "load_pictures", "load_strokes", "preprocess", "train",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _FACE:
        return getattr(importlib.import_module(f"hwd_lib.{_FACE[name]}"), name)
    raise AttributeError(f"module 'hwd_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_FACE]


# Where modules stood before the library had folders: notebooks that people keep go on working.
_MOVED = {
    f"hwd_lib.{old}.{name}" if old else f"hwd_lib.{name}": f"hwd_lib.{new}.{name}"
    for old, new, names in (
        ("checks", "exercises", "mnist baselines forward_pass backpropagation training experiments mistakes"),
        ("checks", "exercises", "your_handwriting draw bug_museum"),
        ("", "widgets", "canvas recognizer training_panel template_painter mistakes_gallery move_panel"),
        ("", "widgets", "pipeline_panel workbench sweep_table panels"),
        ("", "serving", "server publishing kernel"),
    )
    for name in names.split()
}


class _Moved:
    """Finds a module under the name that it had before, and says in one line what it is called today."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        loader: Any = _Moved
        return ModuleSpec(name, loader) if name in _MOVED else None

    @staticmethod
    def create_module(spec: ModuleSpec) -> Any:
        new = _MOVED[spec.name]
        warnings.warn(f"{spec.name} has moved: import {new} instead.", DeprecationWarning, stacklevel=2)
        return importlib.import_module(new)

    @staticmethod
    def exec_module(module: Any) -> None:
        module.__spec__ = importlib.util.find_spec(_MOVED[module.__spec__.name])  # it is the module itself


finder: Any = _Moved
sys.meta_path.append(finder)
