"""Filter sets within the provider's maxima."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.providers.odds_api import subscription as plan
from PROPPR.SharedServices.service.errors import ConfigError

names = st.text("abcXYZ &+/%,".replace(",", ""), min_size=1, max_size=12).map(str.strip).filter(bool)


@given(
    st.lists(names, min_size=1, max_size=90, unique=True),
    st.lists(names, max_size=15, unique=True),
    st.lists(names, max_size=30, unique=True),
)
def test_every_set_keeps_to_the_maxima_and_together_they_cover_everything(
    markets: list[str], sports: list[str], leagues: list[str]
) -> None:
    sets = plan.plan_subscriptions(markets, sports, leagues)
    for one in sets:
        assert one.markets[0] == "ML"
        assert len(one.markets) <= plan.MAX_MARKETS
        assert len(one.sports) <= plan.MAX_SPORTS
        assert len(one.leagues) <= plan.MAX_LEAGUES
    assert len({one.key for one in sets}) == len(sets)
    combinations = {
        (m, s, le) for one in sets for m in one.markets for s in one.sports or [""] for le in one.leagues or [""]
    }
    wanted = {(m, s, le) for m in {"ML", *markets} for s in sports or [""] for le in leagues or [""]}
    assert wanted <= combinations


def test_the_default_is_one_connection() -> None:
    markets = ["ML", *(f"M{number}" for number in range(19))]
    assert len(plan.plan_subscriptions(markets, ["football"])) == 1
    assert len(plan.plan_subscriptions([*markets, "one more"], ["football"])) == 2


def test_the_url_is_percent_encoded_and_says_everything() -> None:
    one = plan.Subscription(("ML", "Both Teams To Score"), ("football",), ("a-&-b",), (), "prematch")
    url = one.url("wss://host/v3/ws", "k&y=1", 17)
    query = parse_qs(urlsplit(url).query)
    assert query["apiKey"] == ["k&y=1"]
    assert query["markets"] == ["ML,Both Teams To Score"]
    assert query["leagues"] == ["a-&-b"]
    assert query["lastSeq"] == ["17"]
    assert "k&y" not in url
    assert " " not in url


def test_the_key_of_a_set_does_not_depend_on_order() -> None:
    first, second = plan.Subscription(("ML", "Totals")), plan.Subscription(("Totals", "ML"))
    assert first.key == second.key
    assert first.key != plan.Subscription(("ML", "Totals"), status="live").key


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [
        (((),), "WS_MARKETS"),
        ((("ML",), (), ("league",), (1,)), "WS_EVENT_IDS"),
        ((("ML",), (), (), (), "soon"), "WS_STATUS"),
        ((("ML",), (), (), tuple(range(50 * plan.MAX_FILTER_SETS + 1))), "WS_MARKETS"),
    ],
)
def test_what_the_provider_would_refuse_is_refused_at_start(
    arguments: tuple[tuple[str, ...], ...], setting: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        plan.plan_subscriptions(*arguments)  # type: ignore[arg-type]
    assert refused.value.key == setting
