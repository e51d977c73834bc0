"""Which values no spool has ever written, column by column, beside those of another sort than was declared.

Each is a condition of SQL that is true for such a row; `{0}` is the column. A disk that rots leaves anything
in a row and SQLite hands it out as it is: what is read here is believed, and what is signed goes by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sync.protocol import signed

# Read at every start and in each exchange; small at every node. The others are read row by row.
READ_ALWAYS = ("sync_identity", "sync_held", "sync_stream", "sync_neighbour", "sync_vector", "sync_wanted")

_ADDRESS = "LENGTH({0}) NOT IN (2, 4, 6, 9, 12) OR {0} GLOB '*[^0-9]*'"
_EPOCH = "LENGTH({0}) - INSTR({0}, '-') <> 16 OR {0} NOT GLOB '[1-9]*-*' OR {0} GLOB '*[^-0-9a-f]*'"
_COUNT = "{0} NOT BETWEEN 0 AND 9007199254740992"
# By the word of others: a number of the wire may be larger than any that is counted here.
_TOLD = "{0} < 0"
_HASH, _SIGNATURE = "LENGTH({0}) <> 32", "LENGTH({0}) <> 64"
_HEX = "LENGTH({{0}}) <> {} OR {{0}} GLOB '*[^0-9a-f]*'"
_ACT, _NAME, _ID = _HEX.format(32), _HEX.format(64), _HEX.format(16)
_LIST = "CASE WHEN NOT json_valid({{0}}) THEN 1 WHEN json_type({{0}}) <> 'array' THEN 1 ELSE EXISTS ({}) END"
_TEXTS = _LIST.format("SELECT 1 FROM json_each({0}) WHERE type <> 'text'")
_OF_TWO = "json_array_length(value) <> 2 OR json_type(value, '$[1]') <> 'integer'"
_PAIR = _OF_TWO + " OR json_type(value, '$[0]') <> '{}'"
_PAIRS = _LIST.format(f"SELECT 1 FROM json_each({{0}}) WHERE type <> 'array' OR {_PAIR.format('integer')}")
_OFFSETS = _LIST.format(f"SELECT 1 FROM json_each({{0}}) WHERE type <> 'array' OR {_PAIR.format('text')}")
# What a header says of its own place.
_OF_HEADER = "CASE WHEN json_valid(CAST(header AS TEXT)) THEN {} ELSE 0 END"
_SEQ = _OF_HEADER.format("json_extract(CAST(header AS TEXT), '$.seq') IS NOT {0}")
# Who offers frames reads it, before anybody holds it against its signature.
_HEADER = "NOT json_valid(CAST({0} AS TEXT))"
_WRAPS = _OF_HEADER.format("json_extract(CAST(header AS TEXT), '$.enc') IS '' AND LENGTH({0}) > 0")
# A statement is read at a start before anybody holds it against its signature; memos are in the same table.
# Fields that are taken in as they come are not among them: by what somebody else signed no node is to stop.
_WORDS_OF = {
    signed.APPOINTMENT: ("network", "root", "top", "key.id", "key.sign", "key.seal"),
    signed.EPOCH: ("src", "random", "key"),
}
_NUMBER_OF = {signed.APPOINTMENT: "version", signed.EPOCH: "n"}
_FIELD = "json_type(CAST({{0}} AS TEXT), '$.{}') IS NOT '{}'"


def _lacks(sort: str) -> str:
    words = [_FIELD.format(name, "text") for name in _WORDS_OF[sort]]
    return " OR ".join([_FIELD.format(_NUMBER_OF[sort], "integer"), *words])


_NO_STATEMENT = (
    f"CASE WHEN sort NOT IN {signed.SORTS} THEN 0 WHEN NOT json_valid(CAST({{0}} AS TEXT)) THEN 1"
    f" WHEN {_FIELD.format('v', 'integer')} THEN 1"
    + "".join(f" WHEN sort = '{sort}' THEN {_lacks(sort)}" for sort in _WORDS_OF)
    + " ELSE 0 END"
)
# What is signed for goes by it. Where no frame is left at all, that is told of as a break in the chain. One
# that begins anew further on ends there, above the frames it had, until the next one comes; see `rebase`.
_OTHER_END = (
    "{0} < (SELECT MAX(seq) FROM sync_frame f WHERE f.stream = no AND f.stream > 0) OR {0} > base"
    " AND {0} <> (SELECT MAX(seq) FROM sync_frame f WHERE f.stream = no AND f.stream > 0)"
)
_PLACE = {"src": _ADDRESS, "epoch": _EPOCH, "dst": _ADDRESS}
_PAPER = {"hash": _NAME, "size": _COUNT}
# Times of clocks are not among them: a clock may stand before 1970.
_COUNTED = ("incarnation", "counter", "taken", "mine", "acked_stamp")
_HEARD = ("need_full", "ask_full", "more", "soon_ms")

ODD: Mapping[str, Mapping[str, str]] = {
    "sync_identity": {
        "one": "{0} <> 1",
        "address": _ADDRESS,
        "instance": _ID,
        "fingerprint": f"{{0}} <> '' AND ({_NAME})",
        "incarnation": _COUNT,
        "epoch": f"{{0}} <> '' AND ({_EPOCH})",
        # Both only rise: below what was given already, the next would be given twice, or never be sent.
        "stamp": f"{_COUNT} OR {{0}} < (SELECT COALESCE(MAX(stamp), 0) FROM sync_stream)"
        " OR {0} < (SELECT COALESCE(MAX(stamp), 0) FROM sync_held)",
        "position": f"{_COUNT} OR {{0}} < (SELECT COALESCE(MAX(position), 0) FROM sync_frame)",
    },
    "sync_held": {"payload": _NO_STATEMENT, "stamp": _COUNT},
    "sync_stream": _PLACE
    | dict.fromkeys(("base", "stamp", "r_upto", "r_papers"), _COUNT)
    | {"base_head": _HASH, "upto": f"{_COUNT} OR {{0}} < base OR {_OTHER_END}", "head": _HASH}
    | {"papers": f"{_COUNT} OR {{0}} > upto"},
    "sync_frame": {
        "position": _COUNT,
        "header": _HEADER,
        "seq": _SEQ,
        "act": _ACT,
        "signature": _SIGNATURE,
        "wraps": _WRAPS,
    },
    "sync_act": {
        "id": _ACT,
        "author": _ADDRESS,
        "state": "{0} NOT IN ('applied', 'parked', 'own')",
        "position": _COUNT,
    },
    "sync_aside": {**_PLACE, "header": _HEADER, "hash": _HASH, "seq": _SEQ, "act": _ACT}
    | {"why": "{0} NOT IN ('gap', 'unknown_key', 'evidence')", "signature": _SIGNATURE},
    "sync_gap": {**_PAPER, "seq": _COUNT},
    "sync_loose_gap": {**_PAPER, "act": _ACT},
    "sync_blob": _PAPER,
    "sync_neighbour": {"address": _ADDRESS}
    | dict.fromkeys(_COUNTED, _COUNT)
    | dict.fromkeys(_HEARD, _TOLD)
    | dict.fromkeys(("wanted_acts", "wanted_docs", "dicts"), _TEXTS)
    | {"wanted_blobs": _OFFSETS, "sent": _PAIRS},
    "sync_vector": {**_PLACE, "neighbour": _ADDRESS, "base": _TOLD, "upto": _TOLD, "head": _HASH},
    "sync_doc": {"hash": _NAME},
    "sync_named": {"hash": _NAME, "act": _ACT, "src": _ADDRESS, "dst": _ADDRESS},
    "sync_brief": {"act": _ACT, "src": _ADDRESS, "dst": _ADDRESS},
}
