"""The command line of scripts/bench. Needs nothing but Python, so that mistakes show before anything is built."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from arguments import Parser

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "release" / "bench" / "handoff-bench"
#: Where matrices of a name lie, in the project and in the folders above the working directory.
MATRICES = Path("bench") / "matrices"
#: More would be a typing mistake: a year of the quickest run.
MOST_BLOCKS = 100_000
MOST_SEED = 2**64 - 1
#: Where each contender has its line, and what stands for several of them.
DECLARATIONS = (ROOT / "queues" / "CMakeLists.txt", ROOT / "bench" / "peers" / "CMakeLists.txt")
GROUPS = ("all", "threads", "coroutines", "peers")


def _parser() -> Parser:
    parser = Parser(
        prog="scripts/bench",
        description="Measures the queues of a matrix on this machine: prints tables, writes CSV and plots.",
        epilog="Ctrl-C keeps finished cells; --resume DIR continues. Exit status: 0 done, 1 a row is corrupt, crashed or "
        "timed out, or the run could not be finished, 2 usage error, 130 interrupted.",
    )
    parser.add_argument(
        "matrix", nargs="?", metavar="MATRIX", help="a name in bench/matrices, or a TOML file (default: quick)"
    )
    parser.add_argument("--backends", metavar="A,B", help="only these: names, threads, coroutines or peers")
    parser.add_argument("--scenarios", metavar="X,Y", help="only these scenarios")
    parser.add_argument("--blocks", type=_blocks, metavar="N", help="repetitions of everything (default: the matrix's)")
    parser.add_argument(
        "--seed", type=_seed, metavar="N", help="seed of the order and of the processes (default: the matrix's)"
    )
    parser.add_argument(
        "--out",
        type=_folder,
        metavar="DIR",
        help="the run's folder (default: results/<time>-<host>); results/latest is not moved to a folder elsewhere",
    )
    parser.add_argument("--resume", type=_folder, metavar="DIR", help="continue the interrupted run in DIR")
    parser.add_argument("--no-plots", action="store_true", help="draw no plots; scripts/plot draws them later")
    parser.add_argument("--no-setup", action="store_true", help="do not install, configure or build anything")
    parser.add_argument(
        "--program", type=Path, metavar="FILE", help="measure with this handoff-bench; implies --no-setup"
    )
    parser.add_argument(
        "--grace",
        type=_seconds,
        default=10.0,
        metavar="S",
        help="seconds beyond a cell's own limit after which it is killed (default: 10)",
    )
    return parser


def _folder(text: str) -> Path:
    # Path would take it for the working directory, and a variable that is not set looks like this.
    if not text:
        raise argparse.ArgumentTypeError("'' is not a folder")
    return Path(text)


def _blocks(text: str) -> int:
    return _whole(text, 1, MOST_BLOCKS)


def _seed(text: str) -> int:
    return _whole(text, 0, MOST_SEED)


def _whole(text: str, least: int, most: int) -> int:
    # A number of more digits than the bound has is not converted: Python refuses some thousands of them.
    digits = text.lstrip("0") or "0"
    if not text.isascii() or not text.isdigit() or len(digits) > len(str(most)) or not least <= int(digits) <= most:
        raise argparse.ArgumentTypeError(f"{shown(text)!r} must be a whole number from {least} to {most}")
    return int(digits)


def shown(text: str) -> str:
    """What a user gave, short enough for a sentence."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of seconds below 1000000")
    return value


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; a mistake ends the script with one sentence and status 2."""
    options = _parser().parse_args(arguments)
    if options.resume is not None:
        _check_resume(options)
    if options.matrix is not None and options.program is None:
        _check_matrix(options.matrix)
    if options.backends is not None and options.program is None:
        _check_backends(options.backends)
    if options.out is not None:
        _check_out(options.out)
    return options


def is_file_name(matrix: str) -> bool:
    """Whether it is a path; else it is the name of a matrix that comes with the program."""
    return "/" in matrix or matrix.endswith(".toml")


def _check_matrix(wanted: str) -> None:
    """Refuses what handoff-bench would refuse, before it is built. Another program may know other names."""
    folders = [folder / MATRICES for folder in dict.fromkeys((ROOT, Path.cwd(), *Path.cwd().parents))]
    by_name = not is_file_name(wanted)
    files: List[Path] = [folder / f"{wanted}.toml" for folder in folders] if by_name else [Path(wanted)]
    if not any(file.is_file() for file in files):
        names = sorted({file.stem for folder in folders for file in folder.glob("*.toml")})
        _refuse(
            f"there is no matrix {'named' if by_name else 'file'} '{wanted}'; give the path of a TOML file, or one of the "
            f"names {', '.join(names)}"
        )


def contenders() -> Dict[str, str]:
    """Each contender by name: `backend`, or `peer` for one in another language."""
    declared: Dict[str, str] = {}
    for file in DECLARATIONS:
        for line in re.finditer(
            r"^\s*handoff_add_(backend|peer)\(\s*(\w+)", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            declared[line[2]] = line[1]
    return declared


def split_list(text: str) -> List[str]:
    return [word.strip() for word in text.split(",")]


def _check_backends(text: str) -> None:
    """Refuses what handoff-bench would refuse, before minutes of building."""
    known = [*GROUPS, *contenders()]
    for word in split_list(text):
        if word not in known:
            near = difflib.get_close_matches(word, known, 1)
            _refuse(
                f"--backends: unknown backend '{word}'; "
                + (f"did you mean '{near[0]}'?" if near else f"expected one of {', '.join(known)}")
            )


def _check_out(folder: Path) -> None:
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        _refuse(f"--out {folder}: {nearest} is not a folder; give a folder, new or without a run in it")
    if _holds_a_run(folder):
        resume = f"give --resume {folder} to continue it, or " if _is_unfinished(folder) else "give "
        _refuse(f"--out {folder}: already contains a run; {resume}another --out")
    if not os.access(nearest, os.W_OK):
        _refuse(f"--out {folder}: cannot write to {nearest}; choose another folder")


def _holds_a_run(folder: Path) -> bool:
    """An empty samples.csv alone is not a run: it was killed before it had begun."""
    samples = folder / "samples.csv"
    return (folder / "environment.json").exists() or (samples.exists() and samples.stat().st_size > 0)


def _is_unfinished(folder: Path) -> bool:
    """Whether --resume can continue it: it needs the run's environment.json, which says whether the run is complete."""
    try:
        return (folder / "samples.csv").exists() and json.loads(
            (folder / "environment.json").read_text(encoding="utf-8")
        ).get("complete") is not True
    except (OSError, ValueError, AttributeError):
        return False


def _check_resume(options: argparse.Namespace) -> None:
    for name in ("matrix", "backends", "scenarios", "blocks", "seed", "out"):
        if getattr(options, name) is not None:
            shown = "MATRIX" if name == "matrix" else f"--{name}"
            _refuse(f"--resume takes the plan from the run's folder; leave out {shown}")


def _refuse(sentence: str) -> None:
    _parser().error(sentence)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parse(sys.argv[1:] if arguments is None else arguments)
    return 0
