"""Frames: sentences with choices, drawn numbers and exact arithmetic.

`{a|b|}`         one of the alternatives; they nest
`<20..90>`       a number drawn from a range, `<300..900/100>` in steps
`<n=20..90>`     the same under a name; `<n>` writes it again, `<t=a+b+c>` computes, `<!n=…>` draws and writes nothing
`<100*a/b:1>`    rounded half up to one decimal; `<n:,>` with thousands separators, `<n:han>` in Chinese numerals
`⟦…⟧`            the characters that the check must, or must not, point at
`‖`              the pieces of a frame go to different places of the report
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from random import Random

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<(?P<silent>!?)(?:(?P<name>[a-z]\w*)=)?(?P<body>[^<>:]+)(?::(?P<spec>[^<>]+))?>")
_RANGE = re.compile(r"(?P<low>\d+)\.\.(?P<high>\d+)(?:/(?P<step>\d+))?")
_HAN = "零一二三四五六七八九"
_OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}  # fmt: skip


Values = dict[str, Decimal | str]


def expand(frame: str, random: Random, values: Values) -> str:
    """A sentence made of `frame`: choices taken first, then slots from left to right.

    `values` are the names that stand already, such as year and place; they are not drawn again, and what the frame
    names is added to them. Raises KeyError for a name that stands nowhere before it is used, ValueError for arithmetic
    that is not understood.
    """
    while match := _CHOICE.search(frame):
        frame = frame[: match.start()] + random.choice(match[1].split("|")) + frame[match.end() :]

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        value = values[name] if name in values else _value(match["body"], random, values)
        if name:
            values[name] = value
        return "" if match["silent"] else value if isinstance(value, str) else written(value, match["spec"] or "")

    return _SLOT.sub(fill, frame)


def written(value: Decimal, spec: str) -> str:
    """A number as a frame asks for it: plain, with decimals, with separators, or in Chinese numerals up to 99."""
    if spec == "han":
        tens, ones = divmod(int(value), 10)
        return (_HAN[tens] if tens > 1 else "") + ("十" if tens else "") + (_HAN[ones] if ones or not tens else "")
    if spec == ",":
        return f"{int(value):,}"
    if spec:
        return str(value.quantize(Decimal(1).scaleb(-int(spec)), ROUND_HALF_UP))
    return f"{value.normalize():f}"


def _value(body: str, random: Random, bound: Mapping[str, Decimal | str]) -> Decimal | str:
    if drawn := _RANGE.fullmatch(body):
        return Decimal(random.randrange(int(drawn["low"]), int(drawn["high"]) + 1, int(drawn["step"] or 1)))
    if isinstance(known := bound.get(body), str):
        return known
    return _compute(ast.parse(body, mode="eval").body, bound)


def _compute(node: ast.expr, bound: Mapping[str, Decimal | str]) -> Decimal:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_compute(node.left, bound), _compute(node.right, bound))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_compute(node.operand, bound)
    if isinstance(node, ast.Name):
        return Decimal(bound[node.id])
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(str(node.value))
    raise ValueError(f"not arithmetic: {ast.unparse(node)}")
