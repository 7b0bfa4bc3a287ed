"""The stochastic programmes with published answers."""

import json
from pathlib import Path
from typing import Any

from secondhall.stochastic import Programme, read_smps, read_smps_texts

DATA = Path(__file__).parent / "data" / "stochastic"

PLTEXP = {
    "pltexpA2_6": ("pltexpA2", -9.479354),
    "pltexpA2_16": ("pltexpA2", -9.663308),
    "pltexpA3_6": ("pltexpA3", -13.969368),
    "pltexpA3_16": ("pltexpA3", -14.267458),
    "pltexpB3_6": ("pltexpA3", -13.643226),
}
"""core and optimum of each"""
DCAP = {
    "dcap233_200": (1833.3847, 1835.3426),
    "dcap233_300": (1642.7303, 1645.0054),
    "dcap332_200": (1059.0913, 1063.5271),
}
"""published bounds of each"""


def pltexp(name: str) -> Programme:
    core = DATA / PLTEXP[name][0]
    return read_smps(core.with_suffix(".cor"), core.with_suffix(".tim"), DATA / f"{name}.sto")


def dcap(name: str) -> Programme:
    return read_smps(*(DATA / f"{name}.{ending}" for ending in ("cor", "tim", "sto")))


def cep1_numbers() -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads((DATA / "cep1.json").read_text(encoding="utf-8"))
    return numbers


def cep1() -> Programme:
    """Write CEP1 as SMPS: of up to h + x hours each, machines make products, or these are bought."""
    numbers = cep1_numbers()
    first, values = numbers["first_stage"], numbers["demand_values"]
    machines, products = range(4), range(3)
    rows = ["ROWS", " N cost", " L upkeep", *(f" L hours{j}" for j in machines)]
    rows += [*(f" L use{j}" for j in machines), *(f" G demand{i}" for i in products), "COLUMNS"]
    for j in machines:
        rows += [f" buy{j} cost {first['c'][j]} hours{j} -1"]
        rows += [f" have{j} upkeep {first['t'][j]} hours{j} 1", f" have{j} use{j} -1"]
    for i in products:
        rows += [
            f" make{i}{j} cost {g} use{j} 1\n make{i}{j} demand{i} {a}"
            for j, (g, a) in enumerate(zip(numbers["g"][i], numbers["a"][i], strict=True))
        ]
        rows += [f" lack{i} cost {numbers['penalty']} demand{i} 1"]
    rows += ["RHS", f" rhs upkeep {first['T']}", *(f" rhs hours{j} {first['h'][j]}" for j in machines)]
    rows += ["BOUNDS", *(f" UP most have{j} {first['u'][j]}" for j in machines), "ENDATA"]
    chance = 1 / len(values)
    drawn = [f" RHS demand{i} {value} later {chance!r}" for i in products for value in values]
    return read_smps_texts(
        "\n".join(["NAME cep1", *rows]),
        "TIME cep1\nPERIODS\n buy0 upkeep now\n make00 use0 later\nENDATA",
        "\n".join(["STOCH cep1", "INDEP DISCRETE", *drawn, "ENDATA"]),
    )
