"""The county's own certificates: believed by real TLS for their host alone, and good for nothing else."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from common import pki
from common.clock import FixedClock
from common.config import read_config, write_config
from common.node.assembly import build_node
from common.node.checks import doctor_tls
from common.node.checks.findings import BAD, GOOD, WARN
from common.node.cli import main
from common.node.verbs import commands
from common.store.database import close_database
from common.tls import certificates
from common.tls.certificates import Authority
from common.tls.errors import BadHost, BadTlsFile, ClockTooEarly
from common.tls.names import host_of
from county_node.profile import PROFILE as COUNTY
from town_node.profile import PROFILE as TOWN

NOW = 1_800_000_000_000
DAY_MS = 86_400_000
IP, NAME = "192.0.2.5", "hall.county.example"

# Made once by openssl: curve SM2, of which the library knows nothing.
SM2_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQg2/33Z/W9IpbYKore
tcNQVlMflUuvRjjl3TKcVm9/r66hRANCAASC4U7M/X934YObZczk9/v/9GIWfmtc
CchHUmEu4SQledlIzVe6xhc4qrHZkH66sbjJD8sj79B1+noJZciPCjp2
-----END PRIVATE KEY-----
"""
SM2_PEM = """\
-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUJEN7fOUGwK7bWeKkkdA5mXhGjzMwCgYIKoEcz1UBg3Uw
DDEKMAgGA1UEAwwBeDAgFw0yNjExMjYwNzE5NDZaGA8yMDUxMDcxODA3MTk0Nlow
DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqBHM9VAYItA0IABILhTsz9f3fh
g5tlzOT3+//0YhZ+a1wJyEdSYS7hJCV52UjNV7rGFziqsdmQfrqxuMkPyyPv0HX6
egllyI8KOnajUzBRMB0GA1UdDgQWBBSt3b+mMPbSFrFsRhSlgpZdxM6zgjAfBgNV
HSMEGDAWgBSt3b+mMPbSFrFsRhSlgpZdxM6zgjAPBgNVHRMBAf8EBTADAQH/MAoG
CCqBHM9VAYN1A0gAMEUCIDSsTdoPCIGXHD/nmzln384O/zFlttJgIr+6AIrv2F3X
AiEA59CHNl3ZPbc5XV5m8EDHjJTX96pXTmov5sWBUiMm5Ns=
-----END CERTIFICATE-----
"""
SM2_REQUEST = b"""\
-----BEGIN CERTIFICATE REQUEST-----
MIHvMIGVAgEAMAwxCjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqgRzPVQGCLQNC
AASC4U7M/X934YObZczk9/v/9GIWfmtcCchHUmEu4SQledlIzVe6xhc4qrHZkH66
sbjJD8sj79B1+noJZciPCjp2oCcwJQYJKoZIhvcNAQkOMRgwFjAUBgNVHREEDTAL
gglhLmV4YW1wbGUwCgYIKoEcz1UBg3UDSQAwRgIhAMUPEXVoag3QF1lL99tzKsSY
fzkL7iAx1dEtF0Uj7HBiAiEAsXhiVgNsw5Vb0DRjNlfwfb7u9/NCuJxbmEY9Vo9+
ep0=
-----END CERTIFICATE REQUEST-----
"""


def tls(profile, *words: object) -> int:
    return main(profile, ["tls", *map(str, words)])


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """The authority of a county, in a folder of its own."""
    assert tls(COUNTY, "authority", "--out", tmp_path / "stick") == 0
    return tmp_path / "stick"


def certified(stick: Path, host: str, folder: Path) -> Path:
    assert tls(COUNTY, "certificate", "--authority", stick, "--for", host, "--out", folder) == 0
    return folder


def shake(chain: Path, key: Path, root: Path, host: str) -> str:
    """Let a real client and a real server meet; return "" or why the client left."""
    ours, theirs = socket.socketpair()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain, key)

    def serve() -> None:
        try:
            serving.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    server = threading.Thread(target=serve)
    server.start()
    client = ssl.create_default_context(cafile=str(root))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        client.wrap_socket(ours, server_hostname=host).close()
    except ssl.SSLCertVerificationError as problem:
        return problem.verify_message
    finally:
        ours.close()
        server.join()
    return ""


def test_a_browser_believes_the_authority_for_the_host_named_and_no_other(stick: Path, tmp_path: Path):
    for host, other in ((IP, "192.0.2.6"), (NAME, "www.county.example")):
        made = certified(stick, host, tmp_path / host)
        assert shake(made / "tls.pem", made / "tls.key", stick / "ca.pem", host) == ""
        assert "mismatch" in shake(made / "tls.pem", made / "tls.key", stick / "ca.pem", other)
        assert (made / "ca.pem").read_bytes() == (stick / "ca.pem").read_bytes()
    assert tls(COUNTY, "authority", "--out", tmp_path / "thief") == 0
    told = shake(tmp_path / IP / "tls.pem", tmp_path / IP / "tls.key", tmp_path / "thief/ca.pem", IP)
    assert "certificate" in told


def test_a_sites_certificate_signs_no_other(stick: Path, tmp_path: Path):
    village = certified(stick, IP, tmp_path / "village")
    key = certificates.read_key((village / "tls.key").read_bytes())
    leaf = certificates.read_certificate((village / "tls.pem").read_bytes())
    with pytest.raises(BadTlsFile, match="根证书"):
        certificates.issue(Authority(leaf, key), NAME, key.public_key(), NOW)
    # With its key and its name, as if it were an authority.
    false = certificates.make_authority(key, IP, certificates_now(leaf))
    forged = certificates.issue(Authority(false, key), NAME, key.public_key(), certificates_now(leaf))
    chain = tmp_path / "chain.pem"
    chain.write_bytes(pki.pem(forged) + (village / "tls.pem").read_bytes())
    assert "invalid CA" in shake(chain, village / "tls.key", stick / "ca.pem", NAME)


def certificates_now(leaf: x509.Certificate) -> int:
    return int(leaf.not_valid_before_utc.timestamp() * 1000) + DAY_MS


def test_what_a_certificate_says_of_itself(stick: Path, tmp_path: Path):
    root = certificates.read_certificate((stick / "ca.pem").read_bytes())
    leaf = certificates.read_certificate((certified(stick, IP, tmp_path / "a") / "tls.pem").read_bytes())
    other = certificates.read_certificate((certified(stick, IP, tmp_path / "b") / "tls.pem").read_bytes())
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 825
    assert (root.not_valid_after_utc - root.not_valid_before_utc).days == 3650
    kinds = {one.value.__class__.__name__: (one.critical, one.value) for one in leaf.extensions}
    assert kinds["BasicConstraints"] == (True, x509.BasicConstraints(False, None))
    usage = kinds["KeyUsage"][1]
    assert usage.digital_signature and not usage.key_cert_sign and not usage.crl_sign
    rooted = {one.value.__class__.__name__: (one.critical, one.value) for one in root.extensions}
    assert rooted["BasicConstraints"] == (True, x509.BasicConstraints(True, 0))
    assert rooted["KeyUsage"][1].key_cert_sign and not rooted["KeyUsage"][1].digital_signature
    assert certificates.hosts(leaf) == (IP,) and leaf.serial_number != other.serial_number
    assert leaf.serial_number.bit_length() > 64
    assert stat.S_IMODE((stick / "ca.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a" / "tls.key").stat().st_mode) == 0o600


def test_a_town_makes_its_own_key_and_only_the_request_travels(stick: Path, tmp_path: Path, capsys):
    mine, answer = tmp_path / "mine", tmp_path / "answer"
    assert tls(TOWN, "request", "--for", NAME, "--out", mine) == 0
    key, printed = (mine / "tls.key").read_bytes(), capsys.readouterr().out.split("钥匙指纹 ")[1].strip()
    assert tls(TOWN, "request", "--for", NAME, "--out", mine) == 0
    assert (mine / "tls.key").read_bytes() == key
    assert b"PRIVATE" not in (mine / "tls.csr").read_bytes()
    assert tls(COUNTY, "sign", "--authority", stick, "--in", mine / "tls.csr", "--out", answer) == 0
    assert printed in capsys.readouterr().out
    assert sorted(path.name for path in answer.iterdir()) == ["ca.pem", "tls.pem"]
    assert shake(answer / "tls.pem", mine / "tls.key", stick / "ca.pem", NAME) == ""
    for name in ("tls.pem", "ca.pem"):
        (mine / name).write_bytes((answer / name).read_bytes())
    assert tls(TOWN, "check", "--in", mine, "--for", NAME.upper()) == 0
    assert tls(TOWN, "check", "--in", mine, "--for", IP) == 2 and f"不是给 {IP}" in capsys.readouterr().err
    assert tls(COUNTY, "authority", "--out", tmp_path / "next") == 0
    old = (mine / "ca.pem").read_bytes()
    (mine / "ca.pem").write_bytes((tmp_path / "next/ca.pem").read_bytes())
    assert tls(TOWN, "check", "--in", mine) == 2
    (mine / "ca.pem").write_bytes((tmp_path / "next/ca.pem").read_bytes() + old)
    assert tls(TOWN, "check", "--in", mine) == 0
    (mine / "tls.pem").write_bytes((certified(stick, NAME, tmp_path / "x") / "tls.pem").read_bytes())
    assert tls(TOWN, "check", "--in", mine) == 2
    # The authority alone, as a village gets it, is looked at as what it is.
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "ca.pem").write_bytes(old)
    assert tls(TOWN, "check", "--in", alone) == 0 and "只有根证书" in capsys.readouterr().out
    for wrong in (answer / "tls.pem", mine / "tls.key"):
        (alone / "ca.pem").write_bytes(wrong.read_bytes())
        assert tls(TOWN, "check", "--in", alone) == 2 and "E641" in capsys.readouterr().err
    # Nothing is written over: not the authority, not a key, not a certificate.
    before = (stick / "ca.key").read_bytes()
    assert tls(COUNTY, "authority", "--out", stick) == 2
    assert tls(COUNTY, "sign", "--authority", stick, "--in", mine / "tls.csr", "--out", answer) == 2
    assert (stick / "ca.key").read_bytes() == before
    with pytest.raises(SystemExit):
        tls(TOWN, "authority", "--out", tmp_path / "town")


def test_who_says_which_host_is_meant_signs_no_request_for_another(stick: Path, tmp_path: Path, capsys):
    """However well it is signed: at an installation the node's user holds the request that root signs."""
    assert tls(TOWN, "request", "--for", NAME, "--out", tmp_path / "mine") == 0
    asked = ("--authority", stick, "--in", tmp_path / "mine/tls.csr", "--out", tmp_path / "out")
    assert tls(COUNTY, "sign", "--for", IP, *asked) == 2 and f"不是给 {IP}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists() and tls(COUNTY, "sign", "--for", NAME.upper(), *asked) == 0


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "224.0.0.1", "1.2.3", "a b", "-a.b", "*.x.example", "甲", "a/b"]
)
def test_what_is_no_host_is_refused(host: str):
    with pytest.raises(BadHost):
        host_of(host)


def test_a_request_that_was_changed_or_asks_for_more_is_refused():
    key = pki.new_key()
    good = certificates.make_request(key, IP)
    assert certificates.read_request(good)[0] == IP
    lines = good.splitlines()
    lines[3] = lines[3][::-1]
    several = x509.SubjectAlternativeName([x509.DNSName("a.example"), x509.DNSName("b.example")])
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    asked = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(several, False)
    for bad in (
        b"",
        b"\x00" * 99,
        b"\n".join(lines),
        SM2_REQUEST,
        asked.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM),
    ):
        with pytest.raises(BadTlsFile):
            certificates.read_request(bad)


def test_no_certificate_comes_from_a_wrong_clock_or_an_authority_that_has_ended():
    key = pki.new_key()
    with pytest.raises(ClockTooEarly):
        certificates.make_authority(key, "x", 1_000_000_000_000)
    root = Authority(certificates.make_authority(key, "x", NOW), key)
    late = certificates.issue(root, IP, key.public_key(), NOW + 3_600 * DAY_MS)
    assert late.not_valid_after_utc <= root.certificate.not_valid_after_utc
    with pytest.raises(BadTlsFile, match="到期"):
        certificates.issue(root, IP, key.public_key(), NOW + 3_650 * DAY_MS)
    with pytest.raises(BadTlsFile, match="一对"):
        certificates.issue(Authority(root.certificate, pki.new_key()), IP, key.public_key(), NOW)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Path]:
    """The data folder of a county with a certificate made at NOW."""
    write_config(
        tmp_path,
        {"address": "511921", "tls_cert_file": "tls.pem", "tls_key_file": "tls.key", "tls_ca_file": "ca.pem"},
    )
    commands.init(read_config(tmp_path, {}), COUNTY)
    close_database()
    key = pki.new_key()
    root = certificates.make_authority(key, "x", NOW)
    (tmp_path / "ca.pem").write_bytes(pki.pem(root))
    (tmp_path / "tls.key").write_bytes(certificates.key_file(key))
    (tmp_path / "tls.key").chmod(0o600)
    made = certificates.issue(Authority(root, key), IP, key.public_key(), NOW)
    (tmp_path / "tls.pem").write_bytes(pki.pem(made))
    yield tmp_path
    close_database()


def test_doctor_warns_sixty_days_before_an_end(served: Path):
    def lights(days: int) -> list[str]:
        node = build_node(read_config(served, {}), COUNTY, FixedClock(NOW + days * DAY_MS))
        found = [finding.light for finding in doctor_tls.tls(node)]
        close_database()
        return found

    assert lights(0) == lights(763) == [GOOD, GOOD]
    assert lights(765) == lights(823) == [WARN, GOOD]
    assert lights(826) == [BAD, GOOD]
    assert lights(3_600) == [BAD, WARN]
    new = certificates.make_authority(pki.new_key(), "y", NOW + 3_600 * DAY_MS)
    (served / "ca.pem").write_bytes((served / "ca.pem").read_bytes() + pki.pem(new))
    assert lights(3_600) == [BAD, GOOD]
    (served / "tls.key").chmod(0o640)
    assert lights(0) == [BAD, GOOD]
    (served / "tls.key").chmod(0o600)
    (served / "tls.key").write_bytes(certificates.key_file(pki.new_key()))
    (served / "ca.pem").unlink()
    assert lights(0) == [BAD, BAD]
    # Of a kind that is unknown here the end is told, and nothing falls over.
    (served / "tls.pem").write_text(SM2_PEM)
    assert lights(0)[0] == GOOD
    (served / "tls.key").write_text(SM2_KEY)
    assert lights(0)[0] == GOOD
    assert lights(10_000)[0] == BAD
