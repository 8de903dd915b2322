"""Inputs that follow from other inputs by a formula."""

from __future__ import annotations

import ast
import math
import operator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from takeoff import _core
from takeoff._arrays import Floats, policy
from takeoff.errors import DtypeError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Derived"]

Value: TypeAlias = Any  # a float or a column of floats

LONGEST: Final = 2000
_LARGEST_POWER: Final = 64
_LARGEST: Final = 1e300
_RULE: Final = "a formula of numbers, names, + - * / **, parentheses and the functions exp, log, sqrt, min, max"


@dataclass(frozen=True)
class Derived:
    """An input that follows from others by a formula.

    Parameters
    ----------
    formula : str
        Numbers, names of other inputs, ``+ - * / **``, parentheses, and the functions ``exp``, ``log`` (natural),
        ``sqrt``, ``min`` and ``max``. It is not Python: nothing else is understood, and nothing else is run.

    Raises
    ------
    InvalidValueError
        A formula with something else in it, which the error shows.

    References
    ----------
    Eth & Davidson (2025), "Adjustments to the estimates of r": r is a product of an estimate and its adjustments.

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
        _check(self._tree, self.formula)

    @cached_property
    def _tree(self) -> ast.expr:
        if len(self.formula) > LONGEST:
            rule = f"at most {LONGEST:,} characters"
            raise InvalidValueError("Derived", "formula", f"{len(self.formula):,} characters", rule)
        try:
            return ast.parse(self.formula.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise InvalidValueError("Derived", "formula", self.formula, _RULE) from error

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs that the formula needs, sorted."""
        return tuple(sorted(_names(self._tree)))

    def evaluate(self, inputs: Mapping[str, Any]) -> Any:
        """Value of the formula.

        Parameters
        ----------
        inputs : mapping of str to float or array
            Value of each name.

        Returns
        -------
        float or array
            The value, with the same bits on every machine.

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
        bad = ~np.isfinite(value)
        if bad.any():
            index = int(bad.reshape(-1).argmax()) if value.ndim else None
            found = float(value.reshape(-1)[index or 0])
            raise InvalidValueError("Derived", self.formula, found, "finite for every draw", index)
        return value if value.ndim else float(value)


def _power(base: Value, exponent: Value) -> Value:
    """`base ** exponent`: products for whole numbers, else ``exp(exponent log(base))``."""
    if isinstance(exponent, float) and exponent == int(exponent) and abs(exponent) <= _LARGEST_POWER:
        product = np.ones_like(np.asarray(base))
        for bit in f"{abs(int(exponent)):b}":
            product = product * product * (base if bit == "1" else 1.0)
        return product if exponent >= 0 else 1.0 / product
    return _exp(exponent * _log(base))


def _exp(value: Value) -> Value:
    return _mapped(_core.exp, np.nan_to_num(value, nan=math.nan, posinf=1e300, neginf=-1e300))


def _log(value: Value) -> Value:
    return _mapped(_core.ln, np.where(np.asarray(value) > 0, value, 0.0))


def _mapped(function: Callable[[Floats, Any], Floats], value: Value) -> Value:
    """A function of the engine, of each value; what is NaN stays so."""
    array = np.asarray(value, dtype=np.float64)
    missing = np.isnan(array)
    flat = np.ascontiguousarray(np.where(missing, 1.0, array)).reshape(-1)
    found = function(flat, policy()).reshape(array.shape)
    return np.where(missing, math.nan, found)


_OPERATORS: Final[dict[type[ast.AST], Callable[..., Value]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
# A function, and the least and greatest number of its arguments.
_FUNCTIONS: Final[dict[str, tuple[Callable[..., Value], int, int]]] = {
    "exp": (_exp, 1, 1),
    "log": (_log, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "min": (lambda *values: reduce(np.minimum, values), 2, 99),
    "max": (lambda *values: reduce(np.maximum, values), 2, 99),
}


def _refused(node: ast.AST, formula: str) -> InvalidValueError:
    part = ast.get_source_segment(formula.strip(), node) if isinstance(node, ast.expr) else None
    return InvalidValueError("Derived", "formula", part or formula, _RULE)


def _check(node: ast.expr, formula: str) -> None:
    """Refuse whatever is not part of a formula."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and abs(value) <= _LARGEST:
            return
        case ast.Name(id=name) if name not in _FUNCTIONS:
            return
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            _check(operand, formula)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            _check(left, formula)
            _check(right, formula)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            _, least, most = _FUNCTIONS[name]
            if not least <= len(arguments) <= most:
                raise _refused(node, formula)
            for argument in arguments:
                _check(argument, formula)
        case _:
            raise _refused(node, formula)


def _names(node: ast.expr) -> set[str]:
    called = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and id(part) not in called}


def _evaluate(node: ast.expr, inputs: Mapping[str, Any]) -> Value:
    match node:
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return inputs[name]
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_evaluate(operand, inputs))
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_evaluate(left, inputs), _evaluate(right, inputs))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name][0](*(_evaluate(argument, inputs) for argument in arguments))
    raise AssertionError(node)  # _check has refused it
