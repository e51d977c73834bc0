"""The toy cryptography refuses what the real one refuses."""

from __future__ import annotations

import pytest

from sync.protocol.signing import RealSuite, Suite
from tests.simulation.suite import ToySuite


@pytest.fixture(params=[ToySuite, RealSuite], ids=["toy", "real"])
def suite(request) -> Suite:
    return request.param()


def flips(data: bytes) -> list[bytes]:
    return [data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :] for at in range(0, len(data), 7)]


def test_a_signature_fits_its_key_type_and_bytes_alone(suite):
    key, other = suite.pair(bytes(64)), suite.pair(bytes(range(64)))
    signature = suite.sign(key, "kind", b"payload")
    assert len(signature) == 64
    assert suite.verify(key.public, "kind", b"payload", signature)
    assert not suite.verify(other.public, "kind", b"payload", signature)
    assert not suite.verify(key.public, "other", b"payload", signature)
    assert not suite.verify(key.public, "kind", b"payloaD", signature)
    assert not any(suite.verify(key.public, "kind", b"payload", bad) for bad in flips(signature))


def test_a_sealed_secret_opens_for_its_key_and_purpose_alone(suite):
    key, other = suite.pair(bytes(64)), suite.pair(bytes(range(64)))
    sealed = suite.seal(key.public, b"info", b"s" * 32)
    assert suite.unseal(key, b"info", sealed) == b"s" * 32
    assert suite.unseal(other, b"info", sealed) is None
    assert suite.unseal(key, b"else", sealed) is None
    assert all(suite.unseal(key, b"info", bad) is None for bad in flips(sealed))


def test_a_record_opens_at_its_place_alone(suite):
    cipher = suite.encrypt(b"k" * 32, bytes(12), b"plain", b"bound")
    assert suite.decrypt(b"k" * 32, bytes(12), cipher, b"bound") == b"plain"
    assert suite.decrypt(b"K" * 32, bytes(12), cipher, b"bound") is None
    assert suite.decrypt(b"k" * 32, bytes(11) + b"\1", cipher, b"bound") is None
    assert suite.decrypt(b"k" * 32, bytes(12), cipher, b"other") is None
    assert all(suite.decrypt(b"k" * 32, bytes(12), bad, b"bound") is None for bad in flips(cipher))
