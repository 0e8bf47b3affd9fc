"""The key of the SFTP server, and the keys that may come in."""

import asyncssh
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LEAST_RSA_BITS = 2048


def new_host_key() -> str:
    """A key for the server, private part included."""
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


def public_part(private: str) -> str:
    """What the server shows, in OpenSSH's form."""
    return asyncssh.import_private_key(private).export_public_key().decode().strip()


def fingerprint(public_key: str) -> str | None:
    """The fingerprint of a public key that may come in; None when it is none, or too weak."""
    try:
        key = asyncssh.import_public_key(public_key)
    except (asyncssh.KeyImportError, ValueError):
        return None
    whole = key.pyca_key
    weak = isinstance(whole, RSAPublicKey) and whole.key_size < LEAST_RSA_BITS
    return None if weak or key.get_algorithm() == "ssh-dss" else key.get_fingerprint()
