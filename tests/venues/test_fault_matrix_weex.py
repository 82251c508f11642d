"""Thirty faults of nine calls at WEEX: nothing false is believed, no maybe is a no, nothing is done twice."""

import pytest

from tests.venues.matrix import CALLS, matrix_of


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
async def test_no_fault_is_believed_or_misjudged_or_doubled(call: str) -> None:
    """Silent, ambiguous taken as rejected, made twice: 0, 0, 0 in thirty cells."""
    found = await matrix_of("weex", call)
    assert (found.cells, found.counted, found.other, found.untold) == (30, (0, 0, 0), (), ()), str(found)
