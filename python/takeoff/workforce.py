"""The AI workforce that the hardware of a training run can run once training is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import polars as pl

from takeoff._arrays import FloatLike, Floats, as_floats, common_shape
from takeoff.errors import InvalidValueError
from takeoff.models._base import Frozen, plain
from takeoff.units import DAY

__all__ = ["Workforce"]

_SECONDS: Final = 86400 / DAY
"""Seconds in a year."""
_TRAINING: Final = 6.0
"""FLOP per parameter and token of training (Hoffmann et al. 2022, Appendix F, after Kaplan et al. 2020)."""
_RUNNING: Final = 2.0
"""FLOP per parameter and token of a run: the forward pass (Kaplan et al. 2020, section 2.1)."""
_DATA: Final = 20.0
"""Training tokens per parameter: Chinchilla, 70 billion parameters on 1.4 trillion tokens (Hoffmann et al. 2022)."""

_RANGES: Final[dict[str, tuple[float, float]]] = {
    "training_compute": (1.0, 1e60),
    "run_length": (1e-9, 1e6),
    "model_size": (1.0, 1e30),
    "words_per_second": (1e-9, 1e12),
    "tokens_per_word": (1e-3, 1e3),
    "thinking_overhead": (1e-9, 1e15),
    "researchers": (1.0, 1e12),
    "copies": (1e-30, 1e30),
}


@dataclass(frozen=True, eq=False, repr=False)
class Workforce(Frozen):
    """AI researchers that the hardware of a training run can run at once, and the human labor that they are worth.

    The hardware does ``training_compute / run_length`` operations per second, and running a model of N parameters
    takes ``2 N`` operations per token. Trained as Chinchilla was, on 20 tokens per parameter with ``6 N``
    operations each, N is ``sqrt(training_compute / 120)``: with Z times the compute the hardware runs ``sqrt(Z)``
    times as many copies. Running is assumed to use the hardware as efficiently as training.

    Every field may be an array; fields broadcast.

    Parameters
    ----------
    training_compute : float or array
        Operations of the training run, FLOP, from 1 to 1e60. The paper: close to 1e26 for the largest in March 2025.
    run_length : float or array
        Duration of the training run, years, from 1e-9 to 1e6. The paper's examples take two months.
    model_size : float or array, optional
        Parameters N used for each token, from 1 to 1e30; None means Chinchilla's for the training compute.
    words_per_second : float or array, default 10.0
        Speed of one copy, from 1e-9 to 1e12. The paper: about ten.
    tokens_per_word : float or array, default 4/3
        From 0.001 to 1000; 100 tokens are about 75 words of English.
    thinking_overhead : float or array, default 1.0
        Seconds that one copy thinks for the work of a human expert's one second, from 1e-9 to 1e15. The paper:
        perhaps thousands at first.
    researchers : float or array, default 300,000
        People who do the research today, from 1 to 1e12. The paper: hundreds of thousands; the default is the middle of
        100,000 to 1,000,000 on a logarithmic scale, to one digit.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError
        A value that is not a number.
    ShapeError
        Fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Eth & Davidson (2025), "What happens when we reach ASARA?" and footnotes 16 (size), 17 (researchers), 19 and 38
    (training compute), as in the datasets ``workforce_and_compute`` and ``conference_attendance``. Hoffmann et al.
    (2022) for 6 N and 20 tokens per parameter; Kaplan et al. (2020) for 2 N; OpenAI (2023), "What are tokens and how to
    count them?", for tokens per word.

    Examples
    --------
    A frontier run of early 2025 can run hundreds of thousands of copies of its model:

    >>> import takeoff
    >>> frontier = takeoff.Workforce(training_compute=1e26, run_length=2 * takeoff.MONTH)
    >>> round(frontier.copies, -4)
    780000.0
    >>> round(frontier.ai_labor, 1)
    2.6
    """

    training_compute: FloatLike
    run_length: FloatLike
    model_size: FloatLike | None = None
    words_per_second: FloatLike = 10.0
    tokens_per_word: FloatLike = 4 / 3
    thinking_overhead: FloatLike = 1.0
    researchers: FloatLike = 300_000.0

    citations: ClassVar[tuple[str, ...]] = ("eth-davidson-2025", "hoffmann-2022", "kaplan-2020")

    def __post_init__(self) -> None:
        present = {name: value for name, value in self._fields().items() if value is not None or name != "model_size"}
        self._freeze(present)
        for name, value in self._numeric.items():
            _check("Workforce", name, value)

    @property
    def parameters(self) -> Any:
        """Parameters N of the model: `model_size`, or Chinchilla's ``sqrt(training_compute / 120)``."""
        return self._result(self._parameters)

    @property
    def flop_per_second(self) -> Any:
        """Operations per second of the hardware."""
        return self._result(self._flop_per_second)

    @property
    def flop_per_token(self) -> Any:
        """Operations per token: ``2 N``."""
        return self._result(_RUNNING * self._parameters)

    @property
    def tokens_per_second(self) -> Any:
        """Tokens per second of all copies together."""
        return self._result(self._tokens_per_second)

    @property
    def copies(self) -> Any:
        """Copies of the model that the hardware runs at once."""
        return self._result(self._copies)

    @property
    def researcher_equivalents(self) -> Any:
        """Human experts who would do the work of all copies, working as long as the hardware runs."""
        return self._result(self._equivalents)

    @property
    def ai_labor(self) -> Any:
        """AI labor relative to that of all `researchers`: the `ai_labor` of :class:`Automation`."""
        return self._result(self._equivalents / self._numeric["researchers"])

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per element of the shape.

        Columns: ``training_compute_flop``, ``run_length_years``, ``parameters``, ``words_per_second``,
        ``tokens_per_word``, ``thinking_overhead``, ``researchers``, ``tokens_per_second`` of all copies, ``copies``,
        ``researcher_equivalents``, ``ai_labor``.
        """
        columns = {
            "training_compute_flop": self.training_compute,
            "run_length_years": self.run_length,
            "parameters": self.parameters,
            "words_per_second": self.words_per_second,
            "tokens_per_word": self.tokens_per_word,
            "thinking_overhead": self.thinking_overhead,
            "researchers": self.researchers,
            "tokens_per_second": self.tokens_per_second,
            "copies": self.copies,
            "researcher_equivalents": self.researcher_equivalents,
            "ai_labor": self.ai_labor,
        }
        return pl.DataFrame({name: np.broadcast_to(column, self.shape).reshape(-1) for name, column in columns.items()})

    def compute_for(self, copies: FloatLike) -> Any:
        """Compute the training compute whose hardware runs a number of copies, all other fields equal.

        Parameters
        ----------
        copies : float or array
            Copies at once, from 1e-30 to 1e30; broadcasts against the fields.

        Returns
        -------
        float or array
            Training compute, FLOP: Z times the copies need Z^2 times as much, or Z times if `model_size` is given.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            Copies out of range, of the wrong type or shape.

        Examples
        --------
        Ten million copies take 164 times the compute of a frontier run of early 2025:

        >>> import takeoff
        >>> frontier = takeoff.Workforce(training_compute=1e26, run_length=2 * takeoff.MONTH)
        >>> round(frontier.compute_for(1e7) / 1e26)
        164
        """
        copy_counts = as_floats("compute_for", "copies", copies)
        _check("compute_for", "copies", copy_counts)
        shape = common_shape("compute_for", {"fields": np.empty(self.shape), "copies": copy_counts})
        per_parameter = _RUNNING * copy_counts * self._tokens_per_copy * self._seconds
        size = self._numeric.get("model_size", per_parameter / (_TRAINING * _DATA))
        return plain(np.broadcast_to(per_parameter * size, shape))

    @property
    def _seconds(self) -> Floats:
        return self._numeric["run_length"] * _SECONDS

    @property
    def _parameters(self) -> Floats:
        chinchilla: Floats = np.sqrt(self._numeric["training_compute"] / (_TRAINING * _DATA))
        return self._numeric.get("model_size", chinchilla)

    @property
    def _flop_per_second(self) -> Floats:
        return self._numeric["training_compute"] / self._seconds

    @property
    def _tokens_per_second(self) -> Floats:
        return self._flop_per_second / (_RUNNING * self._parameters)

    @property
    def _tokens_per_copy(self) -> Floats:
        return self._numeric["words_per_second"] * self._numeric["tokens_per_word"]

    @property
    def _copies(self) -> Floats:
        return self._tokens_per_second / self._tokens_per_copy

    @property
    def _equivalents(self) -> Floats:
        return self._copies / self._numeric["thinking_overhead"]

    def _result(self, value: Floats) -> Any:
        return plain(np.broadcast_to(value, self.shape))


def _check(owner: str, name: str, value: Floats) -> None:
    """Raise unless all values are within the range of their field, which NaN is not."""
    low, high = _RANGES[name]
    outside = ~((value >= low) & (value <= high))
    if np.any(outside):
        index = int(np.argmax(outside))
        rule = f"from {low:g} to {high:g}"
        raise InvalidValueError(owner, name, value.flat[index], rule, index if value.ndim else None)
