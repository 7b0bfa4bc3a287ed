"""What a module offers is what it says it offers."""

import importlib

import pytest

MODULES = [
    "secondhall.errors",
    "secondhall.months",
    "secondhall.units",
    "secondhall.runs",
    "secondhall.stochastic",
]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_there_has_a_docstring_and_stands_in_order(name: str) -> None:
    module = importlib.import_module(name)
    for public in module.__all__:
        value = getattr(module, public)
        assert not callable(value) or value.__doc__, f"{name}.{public} has no docstring"
    assert len(set(module.__all__)) == len(module.__all__)
