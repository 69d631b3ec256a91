"""No function is longer than forty lines: neither of Python, nor of a C++ test.

clang-tidy counts the functions of the product (.clang-tidy). It does not see those that GoogleTest's macros make.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 40
#: Where braces mean nothing, or a quote would mislead: literals, comments, lines of the preprocessor.
NO_CODE = re.compile(
    r'R"(\w*)\((?s:.*?)\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|(?s:/\*.*?\*/)'
    r"|^[ ]*#(?:[^\n\\]|\\.|\\\n)*",
    re.MULTILINE,
)
NO_FUNCTION = re.compile(r"(inline )?(namespace|enum|extern)\b|(template.*>\s*)?(class|struct|union)\b", re.DOTALL)


def of_python(text: str) -> dict[str, int]:
    """How many lines each function has, without its decorators."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in found}


def of_cpp(text: str) -> dict[str, int]:
    """How many lines each function has, and each other block that follows parentheses, such as that of a loop."""
    return {head: lines for head, lines in blocks(text) if "(" in head and not NO_FUNCTION.match(head)}


def blocks(text: str) -> Iterator[tuple[str, int]]:
    """What each block in braces begins with, back to the end of the statement before it, and how many lines it has."""
    code = NO_CODE.sub(lambda found: re.sub(r"[^\n]", "", found[0]), text)
    opened: list[tuple[int, int]] = []
    begin = 0
    for place, character in enumerate(code):
        if character == "{":
            opened.append((begin, place))
        elif character == "}":
            first, brace = opened.pop()
            head = code[first:brace].lstrip()
            yield head.rstrip(), code.count("\n", brace - len(head), place) + 1
        if character in "{};":
            begin = place + 1


def test_lines_of_python_are_counted() -> None:
    assert of_python("@x\ndef f():\n  pass\n\n\nclass c:\n  async def g(\n    self,\n  ):\n    pass\n") == {
        "f": 2,
        "g": 4,
    }


@pytest.mark.parametrize(
    "text, lines",
    [
        ("int f() {\n  return 0;\n}\n", {"int f()": 3}),
        ("int i;\n\nint f(int a,\n      int b)\n{\n}", {"int f(int a,\n      int b)": 4}),
        ("struct s {\n  void f() {\n  }\n};\n", {"void f()": 2}),
        ("template <class T>\nclass alignas(8) c {\n};", {}),
        ("namespace a {\nTEST(b, c) {\n  x();\n}\n}", {"TEST(b, c)": 3}),
        ("#define A(x) {\n// {\nvoid f() {\n  g(\"{\", '{');\n}\n", {"void f()": 3}),
    ],
)
def test_lines_of_cpp_are_counted(text: str, lines: dict[str, int]) -> None:
    assert of_cpp(text) == lines


def test_no_function_of_python_is_too_long() -> None:
    sources = [path for part in ("bench", "examples", "scripts", "tests") for path in (ROOT / part).rglob("*.py")]
    assert len(sources) > 100
    found = {(path.name, name): lines for path in sources for name, lines in of_python(path.read_text()).items()}
    assert {name: lines for name, lines in found.items() if lines > LONGEST} == {}


def test_no_function_of_a_cpp_test_is_too_long() -> None:
    sources = [path for path in (ROOT / "tests").rglob("*") if path.suffix in (".cpp", ".hpp")]
    assert len(sources) > 100
    found = {(path.name, head): lines for path in sources for head, lines in of_cpp(path.read_text()).items()}
    assert {name: lines for name, lines in found.items() if lines > LONGEST} == {}
