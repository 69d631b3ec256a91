"""Starts a script: `start.py NAME MODULE ARGUMENT…` runs the module's `main`; its messages begin with scripts/NAME.

Loading pandas and matplotlib takes longer than a user takes for a Ctrl-C. Until `main` runs there is nothing to clean up,
so the process exits at once; an exception would come from the middle of an import, which may swallow it.
"""

import os
import signal
import sys
from typing import Callable, Sequence

#: The user's settings for numpy and tqdm: a value that they do not accept would end the script in the middle of an import.
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
