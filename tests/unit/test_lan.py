"""The address on the local network, and the certificate for it."""

import contextlib
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy import lan
from deploy.lan import Candidate, default_interfaces, ensure_certificate, is_usable, lan_address
from deploy.standalone.errors import LanError
from deploy.standalone.services import Tls

WIFI = Candidate("192.168.1.20", "wlan0")
DOCKER = Candidate("172.17.0.1", "docker0")
CABLE = Candidate("10.0.0.5", "eth0")
LOOPBACK = Candidate("127.0.0.1", "lo")


def found(monkeypatch: pytest.MonkeyPatch, *addresses: Candidate, default: str = "") -> None:
    monkeypatch.delenv("VOICEJURY_LAN_ADDRESS", raising=False)
    monkeypatch.setattr(lan, "candidates", lambda: list(addresses))
    monkeypatch.setattr(lan, "default_interfaces", lambda: frozenset({default}))


def test_the_interface_of_the_default_route_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, LOOPBACK, CABLE, WIFI, default="wlan0")
    assert lan_address() == "192.168.1.20"


def test_a_containers_network_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, LOOPBACK, DOCKER, WIFI)
    assert lan_address() == "192.168.1.20"


def test_loopback_and_link_local_are_no_local_network(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, LOOPBACK, Candidate("169.254.3.4", "eth0"))
    with pytest.raises(LanError, match="VOICEJURY_LAN_ADDRESS"):
        lan_address()


def test_a_wanted_address_must_be_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, LOOPBACK, WIFI, CABLE, default="wlan0")
    monkeypatch.setenv("VOICEJURY_LAN_ADDRESS", "10.0.0.5")
    assert lan_address() == "10.0.0.5"
    monkeypatch.setenv("VOICEJURY_LAN_ADDRESS", "10.0.0.6")
    with pytest.raises(LanError, match=r"10\.0\.0\.6 is not an IPv4 address of this machine"):
        lan_address()


def test_the_routing_table_names_the_default_interface(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    )
    assert default_interfaces(table) == {"eth0"}
    assert default_interfaces(tmp_path / "absent") == frozenset()


def test_the_certificate_names_the_address_and_its_key_is_the_owners(tmp_path: Path) -> None:
    tls = ensure_certificate(tmp_path / "tls", "192.0.2.10")
    certificate = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ipaddress.ip_address("192.0.2.10") in names.get_values_for_type(x509.IPAddress)
    assert tls.key.stat().st_mode & 0o777 == 0o600
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=398)


def test_the_certificate_is_kept_until_the_address_changes(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path, "192.0.2.10").certificate.read_bytes()
    assert ensure_certificate(tmp_path, "192.0.2.10").certificate.read_bytes() == first
    assert ensure_certificate(tmp_path, "192.0.2.11").certificate.read_bytes() != first


def test_a_certificate_near_its_end_or_damaged_is_not_used(tmp_path: Path) -> None:
    tls = ensure_certificate(tmp_path, "192.0.2.10")
    now = datetime.now(UTC)
    assert is_usable(tls, "192.0.2.10", now)
    assert not is_usable(tls, "192.0.2.10", now + timedelta(days=370))
    tls.key.write_text("damaged")
    assert not is_usable(tls, "192.0.2.10", now)


def test_the_certificate_is_a_servers_and_no_authoritys(tmp_path: Path) -> None:
    tls = ensure_certificate(tmp_path, "192.0.2.10")
    extensions = x509.load_pem_x509_certificate(tls.certificate.read_bytes()).extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_an_older_certificate_that_is_an_authority_is_replaced(tmp_path: Path) -> None:
    tls = ensure_certificate(tmp_path, "192.0.2.10")
    make_an_authority(tls)
    older = tls.certificate.read_bytes()
    assert not is_usable(tls, "192.0.2.10", datetime.now(UTC))
    assert ensure_certificate(tmp_path, "192.0.2.10").certificate.read_bytes() != older


def test_a_client_that_trusts_the_certificate_reaches_the_server_by_it(tmp_path: Path) -> None:
    tls = ensure_certificate(tmp_path, "192.0.2.10")
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(tls.certificate, tls.key)
    client_side = ssl.create_default_context(cafile=str(tls.certificate))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    client = client_side.wrap_bio(to_client, to_server, server_hostname="192.0.2.10")
    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.version() == "TLSv1.3"


def make_an_authority(tls: Tls) -> None:
    """The certificate again, as it was made before it was a leaf."""
    leaf = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    key = serialization.load_pem_private_key(tls.key.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    authority = (
        x509.CertificateBuilder(leaf.issuer, leaf.subject, leaf.public_key(), leaf.serial_number)
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_after_utc)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    tls.certificate.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
