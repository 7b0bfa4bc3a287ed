"""Money and room in units in which a solver's tolerances are small."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from secondhall.recover.problem import Problem, Waiver, Wave

__all__ = ["Scale", "scale_of", "scaled"]


@dataclass(frozen=True, slots=True)
class Scale:
    """What one unit of the programme is: so much money, so many units of room."""

    money: float
    room: float


def scale_of(problem: Problem) -> Scale:
    """Return the mean monthly flow and a thousandth of the mean demand; 1 where they are nothing."""
    return Scale(
        money=float(np.abs(problem.flow).mean()) or 1.0,
        room=float(np.abs(problem.demand).mean()) / 1000.0 or 1.0,
    )


def scaled(problem: Problem, scale: Scale) -> Problem:
    """Return the same problem with its money and its room counted in the units of the scale."""
    money, room = scale.money, scale.room
    waiver = problem.waiver
    return replace(
        problem,
        fate_cash=problem.fate_cash / money,
        fate_value=problem.fate_value / money,
        fate_units=problem.fate_units / room,
        fate_lost=problem.fate_lost / room,
        fate_capacity=problem.fate_capacity / room,
        demand=problem.demand / room,
        unit_cash=problem.unit_cash * room / money,
        unit_value=problem.unit_value * room / money,
        move_rate=problem.move_rate / room,
        wage=problem.wage / money,
        post_value=problem.post_value / money,
        hire_value=problem.hire_value / money,
        waves=tuple(_scaled_wave(wave, money) for wave in problem.waves),
        redeployments=tuple(replace(one, cost=one.cost / money) for one in problem.redeployments),
        waiver=None
        if waiver is None
        else Waiver(cash=waiver.cash / money, value=waiver.value / money, line=waiver.line / money),
        cash=problem.cash / money,
        flow=problem.flow / money,
        line=problem.line / money,
        minimum_cash=problem.minimum_cash / money,
        commitment=problem.commitment / money,
        value=problem.value / money,
    )


def _scaled_wave(wave: Wave, money: float) -> Wave:
    return replace(
        wave,
        dismissal_cash=wave.dismissal_cash / money,
        dismissal_value=wave.dismissal_value / money,
        volunteer_cash=wave.volunteer_cash / money,
        volunteer_value=wave.volunteer_value / money,
        fixed_cash=wave.fixed_cash / money,
        fixed_value=wave.fixed_value / money,
    )
