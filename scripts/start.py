"""Starts a script: `start.py NAME MODULE ARGUMENT…` runs the module's `main`; its messages begin with scripts/NAME.

Loading pandas and matplotlib takes longer than a reader takes for a Ctrl-C: until `main` runs, nothing is going on that
would have to be ended in order, and the process leaves at once. An exception would come out of the middle of an import,
which may swallow it.
"""

import os
import signal
import sys


def main() -> None:
    name = f"scripts/{sys.argv[1]}"
    signal.signal(signal.SIGINT, lambda *_: leave(name))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    # A parent that ignores its children's ends makes ours ignore them too: every status would read as 0.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    module = sys.argv[2]
    del sys.argv[1:3]

    import importlib

    import failures

    started = importlib.import_module(module)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failures.run_script(started.main, name)


def leave(name: str) -> None:
    try:
        os.write(2, f"{name}: interrupted.\n".encode())
    finally:
        os._exit(130)


main()
