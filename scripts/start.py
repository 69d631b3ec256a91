"""Starts a script: `start.py NAME MODULE ARGUMENT…` runs the module's `main`; its messages begin with scripts/NAME.

Loading pandas and matplotlib takes longer than a reader takes for a Ctrl-C: until `main` runs, nothing is going on that
would have to be ended in order, and the process leaves at once. An exception would come out of the middle of an import,
which may swallow it.
"""

import os
import signal
import sys
from typing import Callable, Sequence

#: What the user has set for numpy and tqdm elsewhere: a word that they do not take ends the script in the middle of one.
FOREIGN = ("NPY_", "TQDM_")


def main() -> None:
    name = f"scripts/{sys.argv[1]}"
    signal.signal(signal.SIGINT, lambda *_: leave(name))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    # A parent that ignores its children's ends makes ours ignore them too: every status would read as 0.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    module = sys.argv[2]
    del sys.argv[1:3]

    for variable in [variable for variable in os.environ if variable.startswith(FOREIGN)]:
        del os.environ[variable]

    import failures

    failures.run_script(lambda arguments: load(module)(arguments), name)


def load(module: str) -> Callable[[Sequence[str]], int]:
    import importlib

    import failures

    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise failures.UserError(f"the Python module {error.name} is missing; scripts/setup installs it", 1) from None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return loaded.main


def leave(name: str) -> None:
    try:
        os.write(2, f"{name}: interrupted\n".encode())
    finally:
        os._exit(130)


main()
