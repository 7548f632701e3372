"""Bodies and large lists: the same elements however they arrive, and bounded whatever arrives."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.times import parse_iso_ms
from PROPPR.SharedServices.providers.http.bodies import Body, BodyError, NoJson
from PROPPR.SharedServices.providers.odds_api.listing import MAX_ELEMENT_BYTES, JsonReader, Listing, ListingReader

NOW = parse_iso_ms("2026-05-27T04:20:00Z")


def pieces_of(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    parts, start = [], 0
    for size in sizes:
        parts.append(data[start : start + size])
        start += size
    return [*parts, data[start:]]


def read(data: bytes, sizes: Sequence[int] = (), max_bytes: int = 1 << 30) -> object:
    body, reader = Body(max_bytes), ListingReader(lambda: NOW)
    for chunk in pieces_of(data, sizes):
        for piece in body.add(chunk):
            reader.feed(piece)
    for piece in body.complete():
        reader.feed(piece)
    return reader.finish(body)


def elements(data: bytes, sizes: Sequence[int] = ()) -> list[bytes]:
    listing = read(data, sizes)
    assert isinstance(listing, Listing)
    found = list(listing)
    assert len(found) == listing.count
    assert found == list(listing), "a listing can be read again"
    return found


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(['"', "\\", '\\"', "{", "}]", "[,", '{"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)
ELEMENTS = st.lists(OBJECTS | st.none() | st.integers() | st.text() | st.lists(VALUES, max_size=3), max_size=6)
SIZES = st.lists(st.integers(0, 40), max_size=20)


@given(
    expected=ELEMENTS, sizes=SIZES, packed=st.booleans(), ascii_only=st.booleans(), indent=st.sampled_from([None, 0, 3])
)
def test_a_list_is_cut_into_its_elements_however_it_arrives(
    expected: list[Any], sizes: list[int], packed: bool, ascii_only: bool, indent: int | None
) -> None:
    data = json.dumps(expected, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    found = elements(gzip.compress(data) if packed else data, sizes)
    assert [json.loads(element.decode("utf-8", "surrogatepass")) for element in found] == expected


@given(expected=ELEMENTS, cut=st.integers(0, 10_000))
def test_a_list_that_is_cut_off_is_refused(expected: list[Any], cut: int) -> None:
    data = json.dumps(expected).encode()
    with pytest.raises(NoJson):
        read(data[: cut % len(data)])


@pytest.mark.parametrize(
    "data", [b"[1 2]", b"[1,]", b"[,1]", b"[{}}]", b"[] []", b"[{},,{}]", b"][", b"<html>", b"", b"  ", b"[tr:ue]"]
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(NoJson):
        read(data)


@pytest.mark.parametrize("data", [b'{"error": "no"}', b" 5", b'"text"', b"null"])
def test_what_is_something_else_is_decoded(data: bytes) -> None:
    assert read(data, [1, 1, 1]) == json.loads(data)


def test_what_is_wrong_inside_an_element_is_that_elements_matter() -> None:
    assert elements(b'[{"a": NaN}, {"b" 5}, {"c": 1}]') == [b'{"a": NaN}', b'{"b" 5}', b'{"c": 1}']


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[" + b"{}," * 10_001 + b"{}]", "more than 10000 elements"),
        (b"[" + b"1," * 10_001 + b"1]", "more than 10000 elements"),
        (b'{"error":' + b" " * 70_000 + b"5}", "no JSON list"),
        (b'[{"a":"' + b"x" * (MAX_ELEMENT_BYTES + 2_000_000) + b'"}]', "larger than"),
    ],
)
def test_what_is_beyond_all_measure_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BodyError, match=message):
        read(data, [500_000] * (len(data) // 500_000))


@pytest.mark.parametrize(("opening", "closing"), [(b'{"a":', b"}"), (b"[", b"]")])
def test_nesting_beyond_any_books_is_refused(opening: bytes, closing: bytes) -> None:
    with pytest.raises(NoJson):
        read(b"[" + opening * 40 + b"1" + closing * 40 + b"]")


def test_a_body_may_be_compressed_in_several_members() -> None:
    packed = b"".join(gzip.compress(part) for part in (b'[{"a":', b" 1}, ", b"", b"{}]"))
    for sizes in ([], [1] * len(packed), [7] * 30):
        assert elements(packed, sizes) == [b'{"a": 1}', b"{}"]


@pytest.mark.parametrize("tail", [b"\x00" * 8, b"garbage", gzip.compress(b" ")[:-3]], ids=["zeros", "garbage", "cut"])
def test_what_follows_the_last_member_must_be_one(tail: bytes) -> None:
    with pytest.raises(BodyError) as caught:
        read(gzip.compress(b"[]") + tail)
    assert caught.value.temporary


BOMBS = {
    "spaces": lambda size: b" " * size,
    "a string": lambda size: b'[{"a":"' + b"x" * size,
    "empty objects": lambda size: b"[" + b"{}," * (size // 3),
    "numbers": lambda size: b"[" + b"1," * (size // 2),
    "lists": lambda size: b'[{"a":[' + b"[]," * (size // 3),
    "keys": lambda size: b"[{" + b'"a":1,' * (size // 6),
    "depth": lambda size: b"[" + b'{"a":' * (size // 5),
    "quotes": lambda size: b'[{"a":' + b'""' * (size // 2),
    "escapes": lambda size: b'[{"a":"' + b"\\" * size,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_stops_at_the_limit_in_bounded_memory(kind: str) -> None:
    packed = gzip.compress(BOMBS[kind](36_000_000), 1)
    tracemalloc.start()
    try:
        with pytest.raises(BodyError):
            read(packed, [1 << 16] * (len(packed) >> 16), max_bytes=30_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64_000_000, f"{peak / 1e6:.0f} MB"


def test_a_large_list_is_never_in_memory_as_a_whole() -> None:
    element = b'{"id":1,"text":"' + b"all work and no play " * 4_000 + b'"}'
    packed = gzip.compress(b"[" + b",".join([element] * 1_000) + b"]", 1)
    tracemalloc.start()
    try:
        listing = read(packed, [1 << 16] * (len(packed) >> 16))
        assert isinstance(listing, Listing)
        assert sum(len(one) for one in listing) == 1_000 * len(element) > 80_000_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000, f"{peak / 1e6:.0f} MB"


def test_a_small_body_of_a_million_values_is_not_decoded() -> None:
    reader = JsonReader()
    reader.feed(b"[" + b"[]," * 1_100_000 + b"1]")
    with pytest.raises(BodyError, match="too many values"):
        reader.finish(Body(1))


def stamped(*times: str) -> bytes:
    return json.dumps([{"name": "ML", "updatedAt": time} for time in times]).encode()


@pytest.mark.parametrize(
    ("times", "newest"),
    [
        ((), 0),
        (("2026-05-27T04:11:00.5Z", "2026-05-27T04:11:00Z"), parse_iso_ms("2026-05-27T04:11:00.5Z")),
        (("2026-05-27T04:11:00Z", "2026-05-27T04:11:00.64Z"), parse_iso_ms("2026-05-27T04:11:00.64Z")),
        (("2026-05-27T04:20:00Z", "2026-05-27T04:20:00.001Z"), NOW),  # dated ahead
        (("2026-05-27T04:00:00Z", "2026-05-27T05:10:00+01:00"), parse_iso_ms("2026-05-27T04:10:00Z")),
        (("2026-05-27T05:10:00+01:00", "2026-05-27T04:00:00Z"), parse_iso_ms("2026-05-27T04:10:00Z")),
        (("never", "2026-13-27T04:00:00Z", "2026-05-27T04:00:00Z"), parse_iso_ms("2026-05-27T04:00:00Z")),
    ],
)
def test_the_newest_quote_is_found_on_the_way(times: tuple[str, ...], newest: int) -> None:
    data = stamped(*times)
    for sizes in ([], [1] * len(data), [50] * 5):
        listing = read(data, sizes)
        assert isinstance(listing, Listing)
        assert listing.newest == newest


@given(times=st.lists(st.integers(NOW - 10**9, NOW), min_size=1, max_size=20), sizes=SIZES, digits=st.integers(0, 3))
def test_the_newest_of_any_quotes(times: list[int], sizes: list[int], digits: int) -> None:
    texts = []
    for time in times:
        whole, fraction = divmod(time, 1000)
        text = f"{fraction:03d}"[:digits].rstrip("0")
        texts.append((whole * 1000 + int(text.ljust(3, "0")), text))
    stamps = [f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%S}{'.' if t else ''}{t}Z" for at, t in texts]
    listing = read(stamped(*stamps), sizes)
    assert isinstance(listing, Listing)
    assert listing.newest == max(at for at, _ in texts)
