"""Inputs computed from other inputs by a formula."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from takeoff import _core
from takeoff._arrays import Floats, policy
from takeoff.errors import DtypeError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Derived"]

Value: TypeAlias = Any  # a float or a column of floats

_LONGEST: Final = 2000
_DEEPEST: Final = 100
_LARGEST_POWER: Final = 64
_LARGEST: Final = 1e300
_RULE: Final = "a formula of numbers, names, + - * / **, parentheses and the functions exp, log, sqrt, min, max"


@dataclass(frozen=True)
class Derived:
    """Input computed from other inputs by a formula.

    Parameters
    ----------
    formula : str
        Numbers, names of other inputs (``r`` or ``effort.labor_share``), ``+ - * / **``, parentheses, and the functions
        ``exp``, ``log`` (natural), ``sqrt``, ``min`` and ``max``. No other syntax is accepted or evaluated.

    Raises
    ------
    InvalidValueError
        A formula with other syntax, which the message quotes, of more than 2,000 characters, or nested more than 100
        deep.

    References
    ----------
    Eth & Davidson (2025): the estimate of r is multiplied by one adjustment after the other.

    Examples
    --------
    >>> import takeoff
    >>> r = takeoff.Derived("1.4 * post_training * capability * discount")
    >>> r.names
    ('capability', 'discount', 'post_training')
    """

    formula: str

    def __post_init__(self) -> None:
        if not isinstance(self.formula, str):
            raise DtypeError("Derived", "formula", type(self.formula).__name__, "a text")
        self._check(self._tree)

    @cached_property
    def _tree(self) -> ast.expr:
        if len(self.formula) > _LONGEST:
            length = f"{len(self.formula):,} characters"
            raise InvalidValueError("Derived", "formula", length, f"at most {_LONGEST:,} characters long")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of Python about suspicious code, such as a number that is called
                return ast.parse(self.formula.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise InvalidValueError("Derived", "formula", self.formula, _RULE) from error

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs that the formula needs, sorted."""
        return tuple(sorted(set(_names(self._tree))))

    def evaluate(self, inputs: Mapping[str, Any]) -> Any:
        """Evaluate the formula.

        Parameters
        ----------
        inputs : mapping of str to float or array
            Value of each name.

        Returns
        -------
        float or array
            Value of the formula, bit-identical on every machine.

        Raises
        ------
        InvalidValueError
            A value that is not finite, such as a division by 0 or the logarithm of a negative number.

        Examples
        --------
        >>> import takeoff
        >>> takeoff.Derived("2 * a + max(a, 1)").evaluate({"a": 3.0})
        9.0
        """
        with np.errstate(all="ignore"):
            value = np.asarray(_evaluate(self._tree, inputs), dtype=np.float64)
        invalid = ~np.isfinite(value)
        if invalid.any():
            index = int(invalid.reshape(-1).argmax())
            first_invalid, position = float(value.reshape(-1)[index]), index if value.ndim else None
            raise InvalidValueError("Derived", self.formula, first_invalid, "finite for every draw", position)
        return value if value.ndim else float(value)

    def _check(self, node: ast.expr, depth: int = 0) -> None:
        """Raise unless a node of the syntax tree, with all nodes below it, is allowed in a formula."""
        match node:
            case _ if depth > _DEEPEST:
                raise InvalidValueError("Derived", "formula", self.formula, f"nested at most {_DEEPEST} deep")
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and value <= _LARGEST:
                children: list[ast.expr] = []
            case ast.Name() | ast.Attribute() if (name := _dotted(node)) and name not in _FUNCTIONS:
                children = []
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                children = [operand]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                children = [left, right]
            case ast.Call(func=ast.Name(id=name), args=children, keywords=[]) if name in _FUNCTIONS and _accepts(
                name, children
            ):
                pass
            case _:
                part = ast.get_source_segment(self.formula.strip(), node)
                raise InvalidValueError("Derived", "formula", part, _RULE)
        for child in children:
            self._check(child, depth + 1)


def _dotted(node: ast.expr) -> str:
    """Return the name of an input, dotted for an attribute; empty if the node is not a name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute) if before := _dotted(value):
            return f"{before}.{attribute}"
    return ""


def _names(node: ast.expr) -> Iterator[str]:
    """Yield the names of inputs in a part of a formula."""
    if name := _dotted(node):
        yield name
        return
    children = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    for child in children:
        if isinstance(child, ast.expr):
            yield from _names(child)


def _evaluate(node: ast.expr, inputs: Mapping[str, Any]) -> Value:
    """Evaluate a node of the syntax tree."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_evaluate(operand, inputs))
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_evaluate(left, inputs), _evaluate(right, inputs))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name][0](*(_evaluate(argument, inputs) for argument in arguments))
    return inputs[_dotted(node)]


def _power(base: Value, exponent: Value) -> Value:
    """Raise `base` to `exponent`: by products for whole exponents, else as ``exp(exponent log(base))``."""
    if isinstance(exponent, float) and exponent.is_integer() and abs(exponent) <= _LARGEST_POWER:
        product: Value = 1.0
        for bit in f"{abs(int(exponent)):b}":
            product = product * product * (base if bit == "1" else 1.0)
        return product if exponent > 0 else np.divide(1.0, product)
    power = _exp(exponent * _log(base))
    return np.where((np.asarray(base) == 0) & (np.asarray(exponent) > 0), 0.0, power)


def _exp(value: Value) -> Value:
    return _elementwise(_core.exp, value)


def _log(value: Value) -> Value:
    return _elementwise(_core.ln, value)


def _elementwise(function: Callable[[Floats, Any], Floats], value: Value) -> Value:
    """Apply a function of the engine to each element; NaN stays NaN."""
    array = np.asarray(value, dtype=np.float64)
    missing = np.isnan(array)
    flat = np.where(missing, 1.0, np.clip(array, -_LARGEST, _LARGEST)).reshape(-1)
    return np.where(missing, math.nan, function(flat, policy()).reshape(array.shape))


_OPERATORS: Final[dict[type[ast.AST], Callable[..., Value]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
# Each function with the least and the greatest number of its arguments.
_FUNCTIONS: Final[dict[str, tuple[Callable[..., Value], int, int]]] = {
    "exp": (_exp, 1, 1),
    "log": (_log, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "min": (lambda *values: reduce(np.minimum, values), 2, 99),
    "max": (lambda *values: reduce(np.maximum, values), 2, 99),
}


def _accepts(name: str, arguments: list[ast.expr]) -> bool:
    """Return whether a function takes this number of arguments."""
    _, least, most = _FUNCTIONS[name]
    return least <= len(arguments) <= most
