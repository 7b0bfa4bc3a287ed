"""The pinned set is whole, hashed, and names no place that packages come from."""

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FILES = ("constraints", "runtime", "installer")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Pin(NamedTuple):
    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    def applies(self, python: str) -> bool:
        here = {**default_environment(), "sys_platform": "linux", "platform_system": "Linux"}
        here |= {"python_version": python, "python_full_version": f"{python}.5"}
        return not self.marker or Marker(self.marker).evaluate(here)  # type: ignore[arg-type]


def text_of(file: str) -> str:
    return (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")


def pins_of(file: str) -> list[Pin]:
    lines = [line for line in text_of(file).splitlines() if line and not line.lstrip().startswith("#")]
    entries = "\n".join(lines).replace("\\\n", " ").splitlines()
    pins = []
    for entry in entries:
        requirement = Requirement(entry.partition(" --hash")[0].strip())
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", f"{entry} is no pin"
        name = canonicalize_name(requirement.name)
        pins.append(
            Pin(name, specifier.version, str(requirement.marker or ""), frozenset(HASH.findall(entry)))
        )
    return pins


def required_by(file: str) -> list[str]:
    project, build = PROJECT["project"], PROJECT["build-system"]["requires"]
    install = PROJECT["dependency-groups"]["install"]
    extras = [item for extra in project["optional-dependencies"].values() for item in extra]
    by_file: dict[str, list[str]] = {
        "constraints": [*project["dependencies"], *extras, *install, *build],
        "runtime": project["dependencies"],
        "installer": [*install, *build],
    }
    return by_file[file]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("file", FILES)
def test_every_dependency_is_pinned_once_for_each_python(file: str, python: str) -> None:
    pinned = [pin for pin in pins_of(file) if pin.applies(python)]
    versions = {pin.name: pin.version for pin in pinned}
    assert len(versions) == len(pinned)
    for text in required_by(file):
        required = Requirement(text)
        version = versions.get(canonicalize_name(required.name))
        assert version is not None, f"{text} is not pinned in {file}.txt; run ./run lock"
        assert required.specifier.contains(version, prereleases=True), (
            f"{text} against {version}; run ./run lock"
        )


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_a_hash(file: str) -> None:
    assert [pin for pin in pins_of(file) if not pin.hashes] == []


@pytest.mark.parametrize("file", FILES)
def test_no_address_or_path_is_recorded(file: str) -> None:
    assert re.findall(r"(?i)http|://|--\w*index|--find-links|(?:^|\s)/\w", text_of(file)) == []


@pytest.mark.parametrize("file", ["runtime", "installer"])
def test_a_part_pins_what_the_whole_pins(file: str) -> None:
    # Markers differ: the whole needs colorama everywhere, a part on Windows only.
    whole = {(pin.name, pin.version, pin.hashes) for pin in pins_of("constraints")}
    assert {(pin.name, pin.version, pin.hashes) for pin in pins_of(file)} <= whole
