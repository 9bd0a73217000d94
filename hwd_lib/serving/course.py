"""JupyterLab as `start.py` begins it: ``python -m hwd_lib.serving.course``, with JupyterLab's own options."""

import sys

from jupyterlab.labapp import main

if __name__ == "__main__":
    sys.exit(main())
