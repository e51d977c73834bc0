"""The wire's preset dictionaries: frozen by their hashes, and worth having."""

from __future__ import annotations

import hashlib

import pytest

from common.node.assembly import read_dictionaries
from sync.protocol.records import Item, pack_record, unpack_record

V2 = "b2e6d2b5a2e11d4f257b27140da924668b4431a465467353de292ebd6c21438a"
V1 = "a4cba855f45542ea273792f129d0968bcc2349aed68bfe3b573c4b69ba90412a"
BODY = (
    '{"action":"accept","answers":[],"case":"511921108203-A7-K7QMX","data":{"actor":{"department":"县政务服务中心",'
    '"login":"clerk2","name":"马玉兰","role":"CLERK"},"at":1795400142812,"due":"2026-12-21","note":""},"flow":1,'
    '"follows":"0f9c3d1e5b7a48269d1c0e2f4a6b8c7d","holder":"511921","state":"ACCEPTED","to":["511921108203"]}'
).encode()


def test_no_dictionary_is_ever_changed():
    """Nodes name it by its hash; a changed file under the old name could not read what it wrote."""
    assert [hashlib.sha256(one).hexdigest() for one in read_dictionaries()] == [V2, V1]


@pytest.mark.parametrize("dictionary", read_dictionaries())
def test_a_single_act_shrinks_to_less_than_half_of_what_it_takes_without(dictionary):
    alone = len(pack_record([Item(17, BODY)], b""))
    packed = pack_record([Item(17, BODY)], dictionary)
    assert len(packed) * 2 < alone
    assert unpack_record(packed, dictionary) == [Item(17, BODY)]
