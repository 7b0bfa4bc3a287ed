"""The JSON Schema of ``case.yaml``, for editors that complete and check; made from the table."""

from __future__ import annotations

import math
from collections.abc import Iterable

from secondhall.case.fields import COLLECTIONS, SINGLES, TOP, Field, case_fields, section_fields
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
        "$defs": _definitions(),
    }


def _required(section: str) -> list[str]:
    return [name for name, field in section_fields(section).items() if field.required]


def _object(properties: _Schema, required: Iterable[str] = ()) -> _Schema:
    schema: _Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = list(required)
    return schema | ({"required": needed} if needed else {})


def _or_null(schema: _Schema) -> _Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _sections(*, is_overlay: bool = False) -> _Schema:
    sections: _Schema = {}
    for section in SINGLES:
        record = _record(section, is_overlay=is_overlay)
        sections[section] = record if _required(section) and not is_overlay else _or_null(record)
    for section in COLLECTIONS:
        member = _record(section, is_overlay=is_overlay)
        members: _Schema = {
            "type": "object",
            "patternProperties": {_NAME: _or_null(member) if is_overlay else member},
            "additionalProperties": False,
        }
        is_needed = section in ("segments", "halls") and not is_overlay
        sections[section] = members | {"minProperties": 1} if is_needed else _or_null(members)
    return sections


def _record(section: str, *, is_overlay: bool) -> _Schema:
    properties: _Schema = {name: _ref(f"{section}.{name}") for name in section_fields(section)}
    return _object(properties, () if is_overlay else _required(section))


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


def _origin() -> _Schema:
    return {name: _ref(name) for name in ("source", "because", "kind")}


def _definitions() -> _Schema:
    """Return what the fields refer to: where a value came from, and each range in each of its forms."""
    definitions: _Schema = {
        "source": {"type": "string", "description": "a key of sources, or the citation itself"},
        "because": {"type": "string", "description": "the reason"},
        "kind": {"enum": [str(kind) for kind in Kind], "description": "how well it is known"},
        "confidence": {
            "type": "number",
            "exclusiveMinimum": 0.5,
            "exclusiveMaximum": 1,
            "default": 0.9,
            "description": "probability that the value lies between low and high",
        },
    }
    for field in case_fields():
        if field.section != TOP:
            definitions[f"{field.section}.{field.name}"] = _field(field)
        if field.type in ("number", "integer"):
            definitions.setdefault(_range(field), _plain(field))
        if field.uncertain:
            plain = _ref(_range(field))
            definitions.setdefault(_range(field) + ".uncertain", _three(plain))
    return definitions


def _range(field: Field) -> str:
    return f"{field.type}.{field.minimum:g}.{field.maximum:g}"


def _field(field: Field) -> _Schema:
    words = field.meaning + (f" [{field.unit}]" if field.unit else "")
    schema: _Schema = {"description": words}
    schema |= _plain(field) if field.section == TOP else {"anyOf": _forms(field)}
    if field.default and ":" not in field.default:
        schema["default"] = field.default if field.type == "choice" else _number(field.default)
    return schema


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


def _forms(field: Field) -> list[_Schema]:
    origin = _origin()
    if field.type == "probability_by_regime":
        shares: _Schema = dict.fromkeys(REGIMES, _plain(field))
        return [_object({**shares, **origin}, REGIMES)]
    plain = _ref(_range(field)) if field.type in ("number", "integer") else _plain(field)
    forms = [plain, _object({"value": plain, **origin}, ["value"])]
    if field.uncertain:
        forms.append(_ref(_range(field) + ".uncertain"))
    if field.by_regime:
        inner: _Schema = {"anyOf": list(forms)}
        regimes: _Schema = dict.fromkeys(REGIMES, inner)
        forms.append(_object({**regimes, **origin, "confidence": _ref("confidence")}, REGIMES))
    if not field.required:
        forms.append({"type": "null"})
    return forms


def _three(plain: _Schema) -> _Schema:
    three: _Schema = dict.fromkeys(("low", "mid", "high"), plain)
    return _object({**three, "confidence": _ref("confidence"), **_origin()}, ["low", "mid", "high"])


def _plain(field: Field) -> _Schema:
    if field.type in ("number", "integer", "probability_by_regime"):
        schema: _Schema = {"type": "integer" if field.type == "integer" else "number"}
        if math.isfinite(field.minimum):
            schema["minimum"] = _number(str(field.minimum))
        if math.isfinite(field.maximum):
            schema["maximum"] = _number(str(field.maximum))
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
