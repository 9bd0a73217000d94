"""A small library for learning how a neural network reads handwriting."""

import importlib
import importlib.util
import sys
import warnings
from importlib.machinery import ModuleSpec

__version__ = "1.0.0"

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
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, _Moved) if name in _MOVED else None

    @staticmethod
    def create_module(spec):
        new = _MOVED[spec.name]
        warnings.warn(f"{spec.name} has moved: import {new} instead.", DeprecationWarning, stacklevel=2)
        return importlib.import_module(new)

    @staticmethod
    def exec_module(module):
        module.__spec__ = importlib.util.find_spec(_MOVED[module.__spec__.name])  # it is the module itself


sys.meta_path.append(_Moved)
