"""Formatting as .clang-format and pyproject.toml (black) have it: judged, or mended if `fix` is true."""

from __future__ import annotations

import re
from pathlib import Path

from tools import ROOT, Verdict, files, run, tool, verdict

#: Stands for the @ at both ends of a template's variable, which is no C++: a letter, and as wide.
MARK = "ƛ"

#: The year of the black whose style the project has.
BLACK = "23"


def cpp(fix: bool) -> Verdict:
    program = tool("clang-format-14", "clang-format")
    sources = [name for name in files() if name.endswith((".cpp", ".hpp"))]
    whole = verdict([program, *(["-i"] if fix else ["--dry-run", "-Werror"]), *sources])
    templates = [name for name in files() if name.endswith((".cpp.in", ".hpp.in"))]
    odd = [name for name in templates if not _template(program, ROOT / name, fix)]
    return Verdict(whole.passed and not odd, whole.words + "".join(f"{name}: is not formatted\n" for name in odd))


def _template(program: str, path: Path, fix: bool) -> bool:
    """Whether the template is formatted in the end."""
    text = path.read_text(encoding="utf-8")
    done = run([program, f"--assume-filename={str(path).removesuffix('.in')}"], text.replace("@", MARK))
    formatted = done.stdout.replace(MARK, "@")
    if fix and done.returncode == 0 and formatted != text:
        path.write_text(formatted, encoding="utf-8")
    return done.returncode == 0 and (fix or formatted == text)


def python(fix: bool) -> Verdict:
    program = tool("black")
    warning = _another_black(program) if fix else ""
    found = verdict([program, *([] if fix else ["--check"]), "."])
    if not found.passed:
        warning = _another_black(program)
    return Verdict(found.passed, found.words + warning)


def _another_black(program: str) -> str:
    """A warning if it is of another year than the one that decides; the style differs in places."""
    version = re.search(r"\d+", run([program, "--version"]).stdout)
    if version is None or version[0] == BLACK:
        return ""
    return (
        f"this is black {version[0]}, which differs in places from black {BLACK} of Debian 12, the one that CI uses\n"
    )
