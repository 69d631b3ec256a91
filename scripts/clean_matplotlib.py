"""matplotlib as it comes, whatever the user has set up: to be imported before anything else that imports it.

It takes its settings from a file `matplotlibrc` in the working directory before any other: from ours.
"""

import os
from pathlib import Path

os.environ["MPLBACKEND"] = "agg"
_before = os.open(".", os.O_PATH | os.O_DIRECTORY)
os.chdir(Path(__file__).resolve().parent)
try:
    import matplotlib  # noqa: F401
finally:
    os.fchdir(_before)
    os.close(_before)
