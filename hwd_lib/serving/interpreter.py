"""Kernels run in the interpreter that the server runs in: the one into which the course was installed.

Jupyter looks a kernel up by its name, `python3`, in the folders of the user and of the system as well. There
any other Python may have left one of that name, without NumPy: then neither the app nor a notebook starts.
"""

from jupyter_client.kernelspec import KernelSpecManager


class OwnInterpreter(KernelSpecManager):
    """Knows one kernel, the native one: `sys.executable` with ipykernel."""

    def _kernel_dirs_default(self):
        return []  # look nowhere: what is not found is the native kernel
