"""Some hostile inputs for every parser, and bombs, bounded; `./deploy.sh fuzz` runs more."""

from __future__ import annotations

import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from sync.protocol.canonical import loads
from sync.protocol.records import DEFLATED, varint
from sync.protocol.witness import PREFIX_BYTES
from tests.fuzz import run as runner
from tests.fuzz.__main__ import main
from tests.fuzz.mutate import Mutator
from tests.fuzz.refusals import refused_or
from tests.fuzz.targets import NAMES, Target, target, together

FOUND = Path(__file__).parent / "found"
INPUTS = {"bundle": 250, "item": 300, "roster": 800, "form": 800}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_refusals_comes_out(name):
    """The golden material is read; what is changed is read or refused, and no other fault shows."""
    chosen = target(name)
    for data in chosen.corpus:
        chosen.read(data)
    outcome = runner.run(name, INPUTS.get(name, 1500))
    assert outcome.findings == []
    assert outcome.slowest_s < 1


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_was_found_once_is_refused_now(path):
    """Each file is an input that once brought another fault, named `<target>-<what was wrong>`."""
    refused_or(target(path.name.partition("-")[0]).read, path.read_bytes())


def test_the_same_seed_gives_the_same_inputs_and_most_differ():
    for name in ("exchange", "record", "form"):
        chosen = target(name)
        one, two, other = (Mutator(Random(seed), chosen.corpus) for seed in (1, 1, 2))
        drawn = [chosen.make(one) for _ in range(50)]
        assert drawn == [chosen.make(two) for _ in range(50)]
        assert drawn != [chosen.make(other) for _ in range(50)]
        assert len({*drawn} - {*chosen.corpus}) > 40


def test_a_parser_that_fails_is_found_and_told(monkeypatch, capsys):
    def fragile(data: bytes) -> None:
        int(data[:1])

    chosen = Target([b"1golden"], lambda m: m.bytes(m.seed()), fragile)
    monkeypatch.setattr(runner, "target", lambda name: chosen)
    assert main(["exchange", "--inputs", "300", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["findings"]) == 5 and "ValueError" in told["findings"][0]["what"]
    with pytest.raises(SystemExit):
        main(["exchange", "--inputs", "0"])


def deflated(text: bytes) -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return bytes((DEFLATED, 0)) + squeezer.compress(text) + squeezer.flush()


MANY = varint(2**62)
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "text that inflates to 16 MB": ("record", lambda: deflated(bytes(16_000_000))),
    "items without end": ("record", lambda: deflated(b"\x06\x00\x00" * 80_000)),
    "a count of 2**62 frames": ("frame", lambda: together(b"\0" + MANY, b"")),
    "a table of 2**62 words": ("frame", lambda: together(MANY + b"\1a" * 50_000, b"")),
    "a table of long words named by every frame": (
        "frame",
        lambda: together(varint(1) + varint(60_000) + b"k" * 60_000 + MANY + bytes(100_000), bytes(200_000)),
    ),
    "an integer of 60,000 digits": ("header", lambda: b'{"v":' + b"9" * 60_000 + b"}"),
    "lists 50,000 deep": ("header", lambda: b"[" * 50_000 + b"]" * 50_000),
    "a head that says it is long": ("exchange", lambda: b"LDX1\xff\xff" + bytes(100_000)),
    "a witness of 4 GB": ("witness", lambda: b"LDW1\xff\xff\xff\xff" + bytes(PREFIX_BYTES)),
    "a form of 200,000 fields": ("form", lambda: b"a=1&" * 50_000),
    "a form of one long field": ("form", lambda: b"name=" + b"%31" * 100_000),
    "an answer of 200 KB of lists": ("enrolment", lambda: b'{"body":"' + b"[" * 199_000 + b'","mac":""}'),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_bounded_in_memory_and_time(name):
    """A parser may take 2 MB, and half a second; a form at most 100 bytes for each one sent."""
    aim, build = BOMBS[name]
    read, data = target(aim).read, build()
    begun = time.process_time()
    refused_or(read, data)
    assert time.process_time() - begun < 0.5
    tracemalloc.start()
    refused_or(read, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < (100 * len(data) if aim == "form" else 2_000_000)


def test_canonical_reading_of_lists_within_the_limit_still_works():
    assert loads(b"[" * 30 + b"]" * 30) is not None
