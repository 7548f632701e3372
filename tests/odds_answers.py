"""Odds answers read as the REST client reads them: from the bytes of each element."""

from __future__ import annotations

import json

from PROPPR.SharedServices.odds.elements import read_element
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import AnswerFacts, OddsElement, expect_list


def elements_of(payload: object, facts: AnswerFacts | None = None) -> tuple[list[OddsElement], list[Reject]]:
    """The elements of an answer of plain values (one element counts as a list of one), and those refused whole."""
    items = [payload] if isinstance(payload, dict) and "bookmakers" in payload else expect_list(payload)
    read = [read_element(json.dumps(item).encode(), index, facts or AnswerFacts()) for index, item in enumerate(items)]
    return [one for one in read if isinstance(one, OddsElement)], [one for one in read if isinstance(one, Reject)]
