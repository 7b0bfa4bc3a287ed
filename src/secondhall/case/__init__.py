"""What the operator knows: a folder of ``case.yaml`` and ledgers, read into an immutable `Case`.

The schema's tables in ``schema/`` are the one source of fields, columns, units, ranges and meanings; the
reader, the template, the JSON Schema and the documentation are made from them.
"""

from secondhall.case.json_schema import json_schema
from secondhall.case.model import Case, Fact, PlannedAction
from secondhall.case.opening import Opening
from secondhall.case.provenance import ProvenanceRow
from secondhall.case.reader import bundled_cases, check_case, read_case
from secondhall.case.template import write_template
from secondhall.case.values import REGIMES, Entry, FrozenMap, Kind, Phase, Quantity, Record, RegimeQuantity

__all__ = [
    "REGIMES",
    "Case",
    "Entry",
    "Fact",
    "FrozenMap",
    "Kind",
    "Opening",
    "Phase",
    "PlannedAction",
    "ProvenanceRow",
    "Quantity",
    "Record",
    "RegimeQuantity",
    "bundled_cases",
    "check_case",
    "json_schema",
    "read_case",
    "write_template",
]
