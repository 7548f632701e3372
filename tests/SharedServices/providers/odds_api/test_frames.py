"""Frames out of bytes: any split, any fragments, and refusals before anything is allocated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from PROPPR.SharedServices.providers.odds_api import frames

CAP = 100_000


def encode(opcode: int, payload: bytes, final: bool = True) -> bytes:
    return Frame(Opcode(opcode), payload, fin=final).serialize(mask=False)


def parse(parser: frames.FrameParser, data: bytes) -> list[frames.Message]:
    parser.feed(data)
    messages = []
    while (message := parser.next_message()) is not None:
        messages.append(message)
    return messages


@given(
    st.lists(st.tuples(st.sampled_from([frames.TEXT, frames.BINARY]), st.binary(max_size=70_000)), max_size=5),
    st.data(),
)
def test_messages_arrive_whole_however_the_bytes_and_fragments_are_cut(
    sent: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    wire, expected = b"", []
    for opcode, payload in sent:
        cut = data.draw(st.integers(0, len(payload)))
        if data.draw(st.booleans()):
            wire += encode(opcode, payload[:cut], final=False) + encode(frames.PING, b"between")
            wire += encode(0, payload[cut:])
            expected.append((frames.PING, b"between"))
        else:
            wire += encode(opcode, payload)
        expected.append((opcode, payload))
    parser = frames.FrameParser(CAP)
    got = []
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        got += parse(parser, wire[start:end])
    assert got == expected
    assert parser.buffered == 0


@given(st.binary(max_size=400))
def test_garbage_gives_messages_or_a_frame_error_and_never_holds_more_than_was_fed(data: bytes) -> None:
    parser = frames.FrameParser(CAP)
    try:
        parse(parser, data)
    except frames.FrameError:
        return
    assert parser.buffered <= len(data)


@pytest.mark.parametrize("claim", [CAP + 1, 1 << 30, (1 << 63) - 1, (1 << 64) - 1])
def test_a_frame_that_claims_too_much_is_refused_at_its_header(claim: int) -> None:
    parser = frames.FrameParser(CAP)
    with pytest.raises(frames.FrameError) as refused:
        parse(parser, b"\x81\x7f" + claim.to_bytes(8, "big"))
    assert refused.value.too_big
    assert refused.value.close_code == frames.CLOSE_TOO_BIG


def test_fragments_that_add_up_to_too_much_are_refused() -> None:
    parser = frames.FrameParser(CAP)
    parse(parser, encode(frames.TEXT, b"x" * (CAP - 10), final=False))
    with pytest.raises(frames.FrameError) as refused:
        parse(parser, encode(0, b"x" * 11))
    assert refused.value.too_big


def test_empty_fragments_without_end_are_refused() -> None:
    parser = frames.FrameParser(CAP)
    with pytest.raises(frames.FrameError):
        parse(parser, encode(frames.TEXT, b"", final=False) + encode(0, b"", final=False) * (frames.MAX_FRAGMENTS + 1))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xc1\x00", id="compressed though nothing was agreed"),
        pytest.param(b"\x81\x80abcd", id="masked"),
        pytest.param(b"\x83\x00", id="unknown opcode"),
        pytest.param(b"\x09\x00", id="fragmented ping"),
        pytest.param(b"\x89\x7e\x00\x80", id="long ping"),
        pytest.param(b"\x80\x00", id="continuation of nothing"),
        pytest.param(encode(frames.TEXT, b"a", final=False) + encode(frames.TEXT, b"b"), id="text within a text"),
    ],
)
def test_broken_protocol_is_refused(data: bytes) -> None:
    with pytest.raises(frames.FrameError) as refused:
        parse(frames.FrameParser(CAP), data)
    assert not refused.value.too_big


def test_a_close_frame_gives_its_code() -> None:
    assert frames.close_code(b"\x03\xe8bye") == 1000
    assert frames.close_code(b"") == 1005
