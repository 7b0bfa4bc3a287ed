"""The JSON Schema of ``case.yaml``, for editors that complete and check; made from the table."""

from __future__ import annotations

import math
from collections.abc import Iterable

from secondhall.case.fields import COLLECTIONS, SINGLES, TOP, Field, section_fields
from secondhall.case.values import REGIMES, Kind
from secondhall.case.words import IDENTIFIER

__all__ = ["json_schema"]

_Schema = dict[str, object]
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
_NAME = f"^{IDENTIFIER.pattern}$"


def json_schema() -> _Schema:
    """Return the JSON Schema (draft 2020-12) of ``case.yaml``.

    Examples
    --------
    >>> sorted(json_schema()["required"])
    ['costs', 'currency', 'finance', 'halls', 'name', 'segments', 'start', 'unit']
    """
    top = {name: _field(field) for name, field in section_fields(TOP).items()}
    needed = [name for name, field in section_fields(TOP).items() if field.required]
    needed += [section for section in SINGLES if _required(section)]
    sources = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "key and citation",
    }
    overlay_top = {name: top[name] for name in ("title", "horizon_months")}
    overlay = _object({**overlay_top, "sources": sources, **_sections(is_overlay=True)})
    dates = {
        "type": ["object", "null"],
        "description": "what differs at a decision date; null takes a name out",
        "patternProperties": {_MONTH: {"anyOf": [overlay, {"type": "null"}]}},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "case.yaml of secondhall",
        **_object(
            {
                **top,
                "sources": {"anyOf": [sources, {"type": "null"}]},
                **_sections(),
                "decision_dates": dates,
            },
            [*needed, "segments", "halls"],
        ),
        "$defs": {"origin": _origin()},
    }


def _required(section: str) -> list[str]:
    return [name for name, field in section_fields(section).items() if field.required]


def _object(properties: _Schema, required: Iterable[str] = ()) -> _Schema:
    schema: _Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = list(required)
    return schema | ({"required": needed} if needed else {})


def _sections(*, is_overlay: bool = False) -> _Schema:
    sections: _Schema = {}
    for section in SINGLES:
        sections[section] = _record(section, is_overlay=is_overlay)
    for section in COLLECTIONS:
        member = _record(section, is_overlay=is_overlay)
        if is_overlay:
            member = {"anyOf": [member, {"type": "null"}]}
        sections[section] = {
            "type": "object",
            "patternProperties": {_NAME: member},
            "additionalProperties": False,
        }
        if section in ("segments", "halls") and not is_overlay:
            sections[section] = {**sections[section], "minProperties": 1}  # type: ignore[dict-item]
    return sections


def _record(section: str, *, is_overlay: bool) -> _Schema:
    properties: _Schema = {name: _field(field) for name, field in section_fields(section).items()}
    return _object(properties, () if is_overlay else _required(section))


def _origin() -> _Schema:
    return {
        "source": {"type": "string", "description": "a key of sources, or the citation itself"},
        "because": {"type": "string", "description": "the reason"},
        "kind": {"enum": [str(kind) for kind in Kind], "description": "how well it is known"},
    }


def _field(field: Field) -> _Schema:
    words = field.meaning + (f" [{field.unit}]" if field.unit else "")
    schema: _Schema = {"description": words, "anyOf": _forms(field)}
    if field.default and ":" not in field.default:
        schema["default"] = field.default if field.type == "choice" else float(field.default)
    return schema


def _forms(field: Field) -> list[_Schema]:
    if field.section == TOP:
        return [_plain(field)]
    origin = _origin()
    plain = _plain(field)
    if field.type == "probability_by_regime":
        shares: _Schema = dict.fromkeys(REGIMES, plain)
        return [_object({**shares, **origin}, REGIMES)]
    forms = [plain, _object({"value": plain, **origin}, ["value"])]
    if field.uncertain:
        forms.append(_three(plain))
    if field.by_regime:
        inner: _Schema = {"anyOf": list(forms)}
        regimes: _Schema = dict.fromkeys(REGIMES, inner)
        forms.append(_object({**regimes, **origin, "confidence": _confidence()}, REGIMES))
    if not field.required:
        forms.append({"type": "null"})
    return forms


def _three(plain: _Schema) -> _Schema:
    three: _Schema = dict.fromkeys(("low", "mid", "high"), plain)
    return _object({**three, "confidence": _confidence(), **_origin()}, ["low", "mid", "high"])


def _confidence() -> _Schema:
    return {"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1, "default": 0.9}


def _plain(field: Field) -> _Schema:
    if field.type in ("number", "integer", "probability_by_regime"):
        schema: _Schema = {"type": "integer" if field.type == "integer" else "number"}
        if math.isfinite(field.minimum):
            schema["minimum"] = field.minimum
        if math.isfinite(field.maximum):
            schema["maximum"] = field.maximum
        return schema
    if field.type == "phases":
        phase: _Schema = {name: _plain_with_words(inner) for name, inner in section_fields("phases").items()}
        return {"type": "array", "minItems": 1, "items": _object(phase, phase)}
    if field.type == "choice":
        return {"enum": list(field.choices)}
    if field.type == "month":
        return {"type": "string", "pattern": _MONTH}
    if field.type == "currency":
        return {"type": "string", "pattern": "^[A-Z]{3}$"}
    return {"type": "string"}


def _plain_with_words(field: Field) -> _Schema:
    return {"description": f"{field.meaning} [{field.unit}]", **_plain(field)}
