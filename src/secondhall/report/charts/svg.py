"""Pictures as SVG that stands by itself in a page: no script, numbers on hover, colours of the page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import vl_convert

from secondhall.report.charts.drawing import Drawing
from secondhall.report.charts.theme import HEIGHT, PALETTE, WIDTH, config
from secondhall.report.words import printable

__all__ = ["svg_of"]

_SVG = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"
_DROPPED = ("role", "aria-roledescription", "aria-hidden", "pointer-events", "version")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_LONG = re.compile(r"-?\d+\.\d{3,}")

ET.register_namespace("", _SVG)
ET.register_namespace("xlink", _LINK)


def svg_of(drawing: Drawing, key: str) -> str:
    """Draw a picture.

    Marks with a description get it as ``<title>``, which browsers show on hover without any script. The
    theme's colours become the page's (``var(--blue)``), ids are prefixed with ``key`` because several
    pictures share a page.
    """
    spec = drawing.chart.to_dict(validate=False) | {"config": config(), "datasets": drawing.data}
    root = ET.fromstring(printable(vl_convert.vegalite_to_svg(json.dumps(spec), allowed_base_urls=[])))
    for element in root.iter():
        _clean(element, key)
    # The page's figure names the picture.
    root.set("role", "img")
    root.set("aria-labelledby", f"{key}-title")
    _prune(root)
    if drawing.tips:
        _add_tips(root, drawing.tips)
    return ET.tostring(root, encoding="unicode")


def _add_tips(root: ET.Element, tips: Sequence[str]) -> None:
    """Lay an unseen bar over each month that tells its numbers."""
    plot = ET.SubElement(root, f"{{{_SVG}}}g", transform=root[0].get("transform", ""))
    wide = WIDTH / max(len(tips) - 1, 1)
    for at, tip in enumerate(tips):
        x, width = f"{max((at - 0.5) * wide, 0):.1f}", f"{wide:.1f}"
        bar = ET.SubElement(
            plot, f"{{{_SVG}}}rect", {"class": "tip", "x": x, "width": width, "height": str(HEIGHT)}
        )
        ET.SubElement(bar, f"{{{_SVG}}}title").text = tip


def _clean(element: ET.Element, key: str) -> None:
    said = element.attrib.pop("aria-label", None)
    is_mark = element.get("role") == "graphics-symbol"
    for name in _DROPPED:
        element.attrib.pop(name, None)
    if said and is_mark:
        ET.SubElement(element, f"{{{_SVG}}}title").text = said
    for name, value in element.attrib.items():
        if name == "id":
            element.set(name, f"{key}-{value}")
        elif name in ("fill", "stroke"):
            element.set(name, _NAMED.get(value.lower(), value))
        elif name in ("d", "transform"):
            element.set(name, _LONG.sub(lambda m: f"{float(m[0]):.2f}", value))
        if "url(#" in value:
            element.set(name, _REFERENCE.sub(rf"url(#{key}-\1)", value))


_NAMED = {colour: f"var(--{name})" for name, colour in PALETTE.items()}


def _prune(element: ET.Element) -> None:
    """Take out what draws nothing: hidden paths and empty groups."""
    for child in list(element):
        _prune(child)
        hidden = child.get("display") == "none"
        empty = child.tag == f"{{{_SVG}}}g" and len(child) == 0
        if hidden or empty:
            element.remove(child)
