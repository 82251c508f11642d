"""The shared test vectors: published and re-derived numbers the formulas are checked against."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
VECTORS = SHARED / "design" / "vectors.json"


@cache
def all_vectors() -> dict[str, dict[str, Any]]:
    """Return the vectors by name; empty where the shared folder is absent."""
    if not VECTORS.exists():
        return {}
    listed = json.loads(VECTORS.read_text(encoding="utf-8"), parse_float=Decimal)["vectors"]
    return {vector["name"]: vector for vector in listed}


def vector(name: str) -> dict[str, Any]:
    """Return one vector; skip the test, saying so, where the shared folder is absent."""
    if not all_vectors():
        pytest.skip("../shared/design/vectors.json is not beside the repository")
    return all_vectors()[name]


def agrees(name: str, result: Decimal, key: str | None = None) -> bool:
    """Whether `result` is the vector's expected number within its tolerance."""
    one = vector(name)
    expected = Decimal(one["expected"][key] if key else one["expected"])
    tolerance = Decimal(one["tolerance"])
    if one["tolerance_kind"] == "rel":
        tolerance *= abs(expected)
    return abs(result - expected) <= tolerance
