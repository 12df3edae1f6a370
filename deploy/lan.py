"""Phones on the local network: this machine's address there, a certificate for it, a QR code of the page.

No packet is sent to find the address: interfaces and the routing table are read.
"""

import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.standalone.errors import BadSettingError, LanError
from deploy.standalone.services import Tls

VALID_DAYS = 397  # phones refuse longer ones
RENEW_DAYS = 30
CLOCK_SKEW = timedelta(days=1)  # a phone's clock may be behind
ROUTES = Path("/proc/net/route")
VIRTUAL = ("docker", "br-", "veth", "virbr", "vmnet", "tun", "utun", "wg", "tailscale")


@dataclass(frozen=True)
class Candidate:
    """An IPv4 address of this machine."""

    address: str
    interface: str


def default_interfaces(routes: Path = ROUTES) -> frozenset[str]:
    """Interfaces with a default route; nothing where the kernel shows no table (macOS)."""
    try:
        lines = routes.read_text().splitlines()[1:]
    except OSError:
        return frozenset()
    rows = [line.split() for line in lines]
    return frozenset(row[0] for row in rows if len(row) > 7 and row[1] == "00000000" and row[7] == "00000000")


def candidates() -> list[Candidate]:
    """IPv4 addresses of interfaces that are up, loopback included."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        Candidate(entry.address, name)
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
        if entry.family == socket.AF_INET and name in up
    ]


def rank(candidate: Candidate, default: frozenset[str]) -> tuple[bool, bool, bool]:
    """Lower is better: not a container's network, on the default route, a private address."""
    address = ipaddress.IPv4Address(candidate.address)
    return (candidate.interface.startswith(VIRTUAL), candidate.interface not in default, not address.is_private)


def lan_address() -> str:
    """VOICEJURY_LAN_ADDRESS, otherwise the best guess. Raises LanError."""
    found = candidates()
    wanted = os.environ.get("VOICEJURY_LAN_ADDRESS")
    if wanted:
        if wanted not in {candidate.address for candidate in found}:
            raise LanError(f"VOICEJURY_LAN_ADDRESS={wanted} is not an IPv4 address of this machine")
        return wanted
    outside = [candidate for candidate in found if _is_outside(candidate.address)]
    if not outside:
        raise LanError("no local network: connect to Wi-Fi or a cable, or set VOICEJURY_LAN_ADDRESS")
    default = default_interfaces()
    return min(outside, key=lambda candidate: rank(candidate, default)).address


def _is_outside(text: str) -> bool:
    address = ipaddress.IPv4Address(text)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def ensure_certificate(folder: Path, address: str) -> Tls:
    """The kept certificate while it names the address for another month, otherwise a new one."""
    tls = Tls(folder / "cert.pem", folder / "key.pem")
    if not is_usable(tls, address, datetime.now(UTC)):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_certificate(tls, address)
        except OSError as error:
            raise BadSettingError(f"{folder} cannot be written ({error.strerror}): make it writable") from error
    return tls


def is_usable(tls: Tls, address: str, now: datetime) -> bool:
    """Whether both files load, belong together, name the address, last another RENEW_DAYS and vouch for nobody else."""
    try:
        certificate = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
        key = serialization.load_pem_private_key(tls.key.read_bytes(), password=None)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        signs_others = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return (
        not signs_others
        and key.public_key() == certificate.public_key()
        and ipaddress.ip_address(address) in names.get_values_for_type(x509.IPAddress)
        and certificate.not_valid_after_utc > now + timedelta(days=RENEW_DAYS)
    )


def _write_certificate(tls: Tls, address: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    tls.key.unlink(missing_ok=True)
    descriptor = os.open(tls.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    certificate = _self_signed(key, ipaddress.ip_address(address))
    tls.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _self_signed(
    key: ec.EllipticCurvePrivateKey, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> x509.Certificate:
    """A leaf and no authority: whoever trusts it trusts this server, and its key can sign for no other site."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Voicejury")])
    now = datetime.now(UTC)
    names = {address, ipaddress.ip_address("127.0.0.1")}
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now - CLOCK_SKEW + timedelta(days=VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([*(x509.IPAddress(each) for each in names), x509.DNSName("localhost")]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def print_qr_code(url: str) -> None:
    """Half-block characters, two modules to a line: it fits 80 columns."""
    segno.make(url, error="l").terminal(compact=True, border=2)
