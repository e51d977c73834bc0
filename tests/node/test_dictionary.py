"""The wire's preset dictionary: frozen by its hash, and worth having."""

from __future__ import annotations

import hashlib

from common.node.assembly import read_dictionary
from sync.protocol.records import Item, pack_record

V1 = "a4cba855f45542ea273792f129d0968bcc2349aed68bfe3b573c4b69ba90412a"
BODY = (
    '{"action":"accept","answers":[],"case":"511921108203-A7-K7QMX","data":{"actor":{"department":"县政务服务中心",'
    '"login":"clerk2","name":"马玉兰","role":"CLERK"},"at":1795400142812,"due":"2026-12-21","note":""},"flow":1,'
    '"follows":"0f9c3d1e5b7a48269d1c0e2f4a6b8c7d","holder":"511921","state":"ACCEPTED","to":["511921108203"]}'
).encode()


def test_the_first_dictionary_is_never_changed():
    """Nodes name it by its hash; a changed file under the old name could not read what it wrote."""
    assert hashlib.sha256(read_dictionary()).hexdigest() == V1


def test_a_single_act_shrinks_to_less_than_half_of_what_it_takes_without():
    alone = len(pack_record([Item(17, BODY)], b""))
    with_dictionary = len(pack_record([Item(17, BODY)], read_dictionary()))
    assert with_dictionary * 2 < alone
