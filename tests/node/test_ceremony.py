"""Files of the ceremony: whatever else is in them is refused by name, and nothing is signed by it."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.node.keyring.ceremony import (
    NoCeremonyFile,
    NoRootKeyFile,
    OtherRootKey,
    Paper,
    RootKeyFileExists,
    read_paper,
    read_root_key,
    sign_paper,
    write_paper,
    write_root_key,
)
from sync.protocol import signed
from sync.protocol.roots import RootKeys
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from sync.protocol.trust import registrar
from tests.sync.made import SUITE, key_pair

ROOTS = tuple(key_pair(f"root {n}") for n in range(3))
# On paper the root document goes without signatures: its hash is what counts.
ROOT = registrar.make_root("ab" * 8, "试验县", ROOTS, SUITE, 2)._replace(signatures=())
ASKED = Paper(ROOT, registrar.appoint(ROOT, "511921", key_pair("roster").public, (), SUITE))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def test_a_paper_is_read_as_it_was_written_and_gathers_signatures() -> None:
    assert read_paper(write_paper(ASKED), SUITE) == ASKED
    once = sign_paper(ASKED, ROOTS[:1], SUITE)
    both = sign_paper(read_paper(write_paper(once), SUITE), ROOTS[1:2], SUITE)
    assert both.signers == [ROOTS[0].id, ROOTS[1].id] and both.needed == 2
    assert sign_paper(both, ROOTS[:2], SUITE).signers == both.signers
    with pytest.raises(OtherRootKey):
        sign_paper(ASKED, (*ROOTS, key_pair("thief")), SUITE)


def test_signatures_that_nobody_made_do_not_count_as_signed() -> None:
    """Put in on the way, under the ids of the keepers: they would carry home what nobody had signed."""
    once = sign_paper(ASKED, ROOTS[:1], SUITE)
    junk = tuple((key.id, bytes(64)) for key in (*ROOTS[1:], key_pair("thief"), *ROOTS[:1] * 6))
    forged = once._replace(
        appointment=once.appointment._replace(signatures=(*junk, *once.appointment.signatures))
    )
    found = read_paper(write_paper(forged), SUITE)
    assert (found.signers, found.lacking) == ([ROOTS[0].id], 1)
    assert sign_paper(found, ROOTS[1:2], SUITE).lacking == 0


@settings(max_examples=40)
@given(field=st.sampled_from(["what", "root", "appointment", "signatures"]), value=JSON, whole=JSON)
def test_a_paper_with_anything_else_in_it_is_refused(field: str, value: object, whole: object) -> None:
    fields = json.loads(write_paper(ASKED))
    for content in (whole, {**fields, field: value}, {**fields, field: [[value, value]]}):
        try:
            found = read_paper(json.dumps(content).encode(), SUITE)
        except NoCeremonyFile:
            continue
        # Signatures are looked at when it is taken up; what it says is what was asked.
        assert found._replace(appointment=ASKED.appointment) == ASKED
        assert found.appointment.payload == ASKED.appointment.payload


def test_bytes_that_are_no_json_or_too_deep_are_refused(tmp_path: Path) -> None:
    for data in (b"", b"\xff\xfe", b"{", b"[" * 100_000, write_paper(ASKED)[:-9]):
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(NoCeremonyFile):
            read_paper(data, SUITE)
        with pytest.raises(NoRootKeyFile):
            read_root_key(tmp_path / "file", SUITE)


def test_a_root_key_file_is_written_once_and_says_which_key_it_is(tmp_path: Path) -> None:
    path = tmp_path / "root-1.key"
    write_root_key(path, ROOTS[0])
    assert read_root_key(path, SUITE) == ROOTS[0]
    with pytest.raises(RootKeyFileExists):
        write_root_key(path, ROOTS[1])
    fields = json.loads(path.read_text())
    for wrong in ({"id": ROOTS[1].id}, {"seed": "00"}, {"seed": 7}, {"what": "liandong.appointment.1"}):
        path.write_text(json.dumps({**fields, **wrong}))
        with pytest.raises(NoRootKeyFile):
            read_root_key(path, SUITE)


def test_a_stick_whose_folders_cannot_be_synced_takes_a_key_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems of sticks refuse that; what was written is read back instead."""
    sync, refused = os.fsync, []

    def of_files_alone(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            refused.append(handle)
            raise OSError(errno.EINVAL, "not here")
        sync(handle)

    monkeypatch.setattr(os, "fsync", of_files_alone)
    path = tmp_path / "root.key"
    write_root_key(path, ROOTS[0])
    assert refused and read_root_key(path, SUITE) == ROOTS[0]


def test_the_root_keys_on_a_paper_are_those_that_the_former_ones_have_named() -> None:
    """Whoever carries the stick could else name his own as the ones in force, and let the keepers sign."""
    roster = registrar.appoint(ROOT, "511921", key_pair("roster").public, (), SUITE)
    new = tuple(key_pair(f"next root {n}") for n in range(2))

    def numbered(number: int, signers: tuple[KeyPair, ...] = (), keys: tuple[KeyPair, ...] = ()) -> Statement:
        named = {"roots": RootKeys(tuple(k.public for k in keys), len(keys)).as_fields()} if keys else {}
        fields = {**roster.fields(), "version": number, **named}
        return signed.make(signed.APPOINTMENT, {n: v for n, v in fields.items() if n != "v"}, signers, SUITE)

    renewal = numbered(2, (*ROOTS[:2], *new), new)
    paper = Paper(ROOT, numbered(3), (renewal,))
    assert read_paper(write_paper(paper), SUITE) == paper
    assert paper.judges.keys == tuple(key.public for key in new)
    thief = tuple(key_pair(f"thief {n}") for n in range(2))
    for renewals in (
        (numbered(2, thief, thief),),
        (numbered(2, (*ROOTS[:1], *thief), thief),),
        (renewal._replace(signatures=()),),
        (renewal, renewal),
        (numbered(2, ROOTS[:2]),),
        # What comes after it is for the new ones to sign.
        (renewal, numbered(4, (*ROOTS, *thief), thief)),
        (numbered(3, (*ROOTS[:2], *new), new),),
    ):
        with pytest.raises(NoCeremonyFile):
            read_paper(write_paper(paper._replace(renewals=renewals)), SUITE)
    bare = json.loads(write_paper(paper)) | {"renewals": [renewal.payload.hex()]}
    with pytest.raises(NoCeremonyFile):
        read_paper(json.dumps(bare).encode(), SUITE)
