"""No float near money: what the whole of `dcss_core` may not contain, read from its syntax trees.

A float literal, a call of `float(` and a true division are refused. A division is let through when it
can be seen to be exact or no arithmetic at all: of a `Fraction`, or of a path by a name. Left out are the
parts that hold records but never an amount as such; their floats are seconds and likenesses of names.
"""

import ast
from pathlib import Path

import pytest

import dcss_core

SOURCE = Path(dcss_core.__file__).parent
WITHOUT_AMOUNTS = {"memory", "plugins", "testing"}
EXACT = {"Fraction", "Path", "PurePath", "Traversable", "files"}


def _names_of(annotation: ast.AST | None) -> set[str]:
    if annotation is None:
        return set()
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)
    }


def _exact_names(tree: ast.AST) -> set[str]:
    """Names declared as, returning, or assigned from a call of something exact, anywhere in the file."""
    found = set(EXACT)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and _names_of(node.annotation) & EXACT:
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef) and _names_of(node.returns) & EXACT:
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and _names_of(node.annotation) & EXACT:
            found |= _names_of(node.target)
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and _names_of(node.value.func) & EXACT
        ):
            found |= {name for target in node.targets for name in _names_of(target)}
    return found


def _is_exact(operand: ast.AST, exact: set[str]) -> bool:
    if isinstance(operand, ast.Constant | ast.JoinedStr):
        return isinstance(operand, ast.JoinedStr) or isinstance(operand.value, str)  # a path by a name
    return bool(_names_of(operand) & exact)


def floats_in(text: str) -> list[str]:
    """What is wrong with a module, as `line: what`."""
    tree = ast.parse(text)
    exact = _exact_names(tree)
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            wrong.append(f"{node.lineno}: the literal {node.value!r}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            wrong.append(f"{node.lineno}: a call of float()")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
            if not any(_is_exact(side, exact) for side in sides):
                wrong.append(f"{node.lineno}: the division {ast.unparse(node)}")
    return wrong


def test_no_module_holds_a_float_or_a_true_division():
    modules = [
        module
        for module in sorted(SOURCE.rglob("*.py"))
        if module.relative_to(SOURCE).parts[0] not in WITHOUT_AMOUNTS
    ]
    assert len(modules) > 10
    wrong = {
        str(module.relative_to(SOURCE)): found
        for module in modules
        if (found := floats_in(module.read_text(encoding="utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        "x = 0.5",
        "x = -1e3",
        "x = float('1')",
        "def f(cents: int): return cents / 2",
        "x = 1\nx /= 2",
        "a = b.cents / 3",
    ],
)
def test_the_check_finds_a_float_wherever_it_is_written(text):
    assert len(floats_in(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "x = 7 // 2",
        "x = Fraction(1, 2) / 3",
        "def f(share: Fraction): return share / 2",
        "def f(folder: Path): return folder / 'rules.toml'",
        "p = Path('a')\nq = p / name",
        "p = files('dcss_core') / f'{key}.csv'",
        "s = 'a/b'",
        "ok = isinstance(x, float)",
        "timeout_seconds: float",
    ],
)
def test_the_check_lets_exact_arithmetic_and_paths_through(text):
    assert floats_in(text) == []
