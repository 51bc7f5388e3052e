"""Certificates for the hosts of a scenario, signed by a certificate authority of this installation.

Its certificate lies where the jail can read it; its key does not. Clients in the jail trust it through SSL_CERT_FILE
and its kin (assumption A-16), and nobody else does.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lambdalab.sandbox.errors import SandboxError

# Virtual time may be any moment, and clients check these.
VALID_FROM, VALID_UNTIL = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
KEY_BITS = 2048  # RSA: its signatures always have the same length, so that a handshake is the same bytes long
NAME = "lambdalab scenario authority"


def make(key_file: Path, certificate_file: Path) -> None:
    """Make an authority. The key is for this user only; everybody may read the certificate."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
    certificate = (
        _builder(NAME, NAME, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _private(key), 0o600)
    _write(certificate_file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


class Authority:
    """Makes TLS contexts for host names. Raises :class:`SandboxError` when the installation has no authority."""

    def __init__(self, key_file: Path) -> None:
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        except (OSError, ValueError) as error:
            raise SandboxError(
                "the jail has no certificate authority. Run: python -m lambdalab.sandbox.setup"
            ) from error
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key
        self._leaf = rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
        self.context = lru_cache(maxsize=256)(self._context)

    def _context(self, host: str, trusted: bool) -> ssl.SSLContext:
        """A server's side of TLS as ``host``; with a certificate that nobody trusts where that is asked for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.num_tickets = 0
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:  # the ssl module reads files only
            file.write(_private(self._leaf) + self._certificate(host, trusted))
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _certificate(self, host: str, trusted: bool) -> bytes:
        signer = self._key if trusted else self._leaf
        certificate = (
            _builder(host[:64], NAME if trusted else host[:64], self._leaf.public_key())
            .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(subject: str, issuer: str, key: rsa.RSAPublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_encipherment=not signs, key_cert_sign=signs, crl_sign=signs,
        content_commitment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.IPv4Address(host))
    except ValueError:
        return x509.DNSName(host)


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(data)
