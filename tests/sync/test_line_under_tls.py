"""A line under TLS believes the authority that is named, and nobody who only says to be the parent."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from werkzeug.serving import make_server

from sync.adapters.http_client import ENROLMENT_PATH, ENROLMENT_TYPE, HttpLine, NotBelieved
from tests.sync.http_site import QUICK

Certified = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def certified(name: str, by: Certified | None, address: str = "127.0.0.1") -> Certified:
    """Make a certificate, an authority's own where nobody else signs it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signer = (by[0].subject, by[1]) if by else (subject, key)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    made = made.add_extension(x509.BasicConstraints(by is None, None), True)
    if by:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        made = made.add_extension(names, False)
    return made.sign(signer, hashes.SHA256()), key


def written(folder: Path, name: str, made: Certified) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made[0].public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key.write_bytes(made[1].private_bytes(serialization.Encoding.PEM, *form))
    return certificate, key


@contextmanager
def parent(folder: Path, made: Certified) -> Iterator[str]:
    """Answer enrolments under TLS; give the address."""
    app = Flask("parent")
    app.add_url_rule(
        ENROLMENT_PATH,
        view_func=lambda: app.response_class(b"welcome", content_type=ENROLMENT_TYPE),
        methods=["POST"],
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*written(folder, "site", made))
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_countys_own_authority_is_believed_where_it_is_named(tmp_path: Path) -> None:
    county, stranger = certified("county", None), certified("stranger", None)
    ours, theirs = (str(written(tmp_path, *one)[0]) for one in (("ca", county), ("other", stranger)))
    with parent(tmp_path, certified("site", county)) as url:
        assert HttpLine(QUICK, "", ours).enrol(url, b"x") == b"welcome"
        for authority in ("", theirs):
            with pytest.raises(NotBelieved):
                HttpLine(QUICK, "", authority).enrol(url, b"x")
    with parent(tmp_path, certified("site", county, "127.0.0.2")) as url, pytest.raises(NotBelieved):
        HttpLine(QUICK, "", ours).enrol(url, b"x")
