"""The takeoff model of AI 2027: gaps of human-only research, crossed at a pace that rises as they are crossed."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from takeoff._answers import answer
from takeoff.models._base import Model, Uncertain
from takeoff.models._declare import DEFAULT, model
from takeoff.trajectory import Trajectory, series, value

__all__ = ["AI2027Takeoff", "AI2027TakeoffTrajectory", "Steps"]

Steps = Literal["exact", "published"]


class AI2027TakeoffTrajectory(Trajectory):
    """Course of the takeoff model of AI 2027, from the superhuman coder (SC) on.

    Attributes
    ----------
    model : AI2027Takeoff
        What was simulated.
    horizon : float
        Time at which the course stops, years since SC.
    time : array of shape (points,)
        Years since SC.

    Examples
    --------
    >>> import takeoff
    >>> result = takeoff.simulate(takeoff.AI2027Takeoff())
    >>> result.outcome, round(result.sc_to_asi, 2), round(result.asi_date, 1)
    ('ASI', 0.81, 2028.1)
    """

    research = series("research", "Research done since SC, human-years, shape (*paths, points).")
    pace = series("pace", "Pace, human-years of research per year, shape (*paths, points).")
    sc_to_sar = value("sc_to_sar", "Time from SC to the superhuman AI researcher (SAR), years.")
    sar_to_siar = value("sar_to_siar", "Time from SAR to the superintelligent AI researcher (SIAR), years.")
    siar_to_asi = value("siar_to_asi", "Time from SIAR to superintelligence (ASI), years; infinite beyond float64.")
    sc_to_siar = value("sc_to_siar", "Time from SC to SIAR, years.")
    sc_to_asi = value("sc_to_asi", "Time from SC to ASI, years; infinite beyond float64.")
    sar_date = value("sar_date", "Date of SAR, calendar year.")
    siar_date = value("siar_date", "Date of SIAR, calendar year.")
    asi_date = value("asi_date", "Date of ASI, calendar year; infinite beyond float64.")


@model("ai_2027_takeoff")
class AI2027Takeoff(Model):
    """Takeoff model of AI 2027: how long it takes from the superhuman coder to superintelligence.

    Milestones follow each other: the superhuman coder (SC), the superhuman AI researcher (SAR), the superintelligent AI
    researcher (SIAR), artificial superintelligence (ASI). Between two of them lies a gap g of research that people
    alone would need so many years for, crossed at a pace that rises exponentially in progress from v_0 to v_1:

    ``dp/dt = v_0 (v_1/v_0)^(p/g)``, so that a phase takes ``g (1 - v_0/v_1) / (v_0 ln(v_1/v_0))``.

    Gaps come from cumulative research: with ``x = prior_research + to_sar`` at SAR,
    ``X = x (x/prior_research)^siar_exponent`` at SIAR and ``X (X/x)^asi_exponent`` at ASI; that from SC to SAR is
    `from_sc`. Training compute is constant and all paces are fixed. ``docs/ai_2027_takeoff.md`` has the published
    distributions, which correlate `to_sar` and `from_sc`, and what the model assumes.

    Every numeric field may be an array; fields broadcast, and each element is one path.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    UnknownNameError
        Steps of another name.
    DtypeError, ShapeError
        Something that is not a number; fields that do not broadcast, or are empty or ragged.

    References
    ----------
    AI 2027 (2025), "Takeoff forecast", and its code.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.AI2027Takeoff(asi_exponent=[0.3, 1.5, 7.5]).sc_to_asi.round(2)
    array([ 0.69,  0.81, 25.5 ])
    """

    to_sar: Uncertain = DEFAULT
    from_sc: Uncertain = DEFAULT
    asi_exponent: Uncertain = DEFAULT
    siar_exponent: Uncertain = DEFAULT
    prior_research: Uncertain = DEFAULT
    pace_sc: Uncertain = DEFAULT
    pace_sar: Uncertain = DEFAULT
    pace_siar: Uncertain = DEFAULT
    pace_asi: Uncertain = DEFAULT
    sc_date: Uncertain = DEFAULT
    steps: Steps = DEFAULT
    Result: ClassVar[type[AI2027TakeoffTrajectory]] = AI2027TakeoffTrajectory

    @property
    def sc_to_sar(self) -> Any:
        """Time from SC to SAR, years."""
        return answer(self, "sc_to_sar")

    @property
    def sc_to_siar(self) -> Any:
        """Time from SC to SIAR, years."""
        return answer(self, "sc_to_siar")

    @property
    def sc_to_asi(self) -> Any:
        """Time from SC to ASI, years; infinite beyond float64."""
        return answer(self, "sc_to_asi")
