"""Signatures as Standard Webhooks specifies them: secrets (v1) and ed25519 keys (v1a). Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from secrets import token_bytes

from nacl.signing import SigningKey
from standardwebhooks import Webhook

SECRET_BYTES = range(24, 65)
_SECRET, _KEY, _PUBLIC = "whsec", "whsk", "whpk"
_SEED_BYTES, _PAIR_BYTES = 32, 64


class Signer:
    """Signs messages with every secret and key of a channel, so that either end may change its own.

    Raises ValueError for what is no secret or key; the message does not show it.
    """

    def __init__(self, secrets: Sequence[str], keys: Sequence[str] = ()) -> None:
        self._secrets = [Webhook(_bytes_of(secret, _SECRET, SECRET_BYTES)) for secret in secrets]
        self._keys = [_key_of(key) for key in keys]

    def sign(self, webhook_id: str, at: datetime, body: str) -> str:
        """The header `webhook-signature`: all signatures, with blanks between."""
        signed = f"{webhook_id}.{int(at.timestamp())}.{body}".encode()
        return " ".join(
            [
                *(secret.sign(webhook_id, at, body) for secret in self._secrets),
                *(f"v1a,{_base64(key.sign(signed).signature)}" for key in self._keys),
            ]
        )


def is_secret(told: str) -> bool:
    """Whether it is `whsec_` and the base64 of 24 to 64 bytes."""
    try:
        _bytes_of(told, _SECRET, SECRET_BYTES)
    except ValueError:
        return False
    return True


def is_signing_key(told: str) -> bool:
    """Whether it is `whsk_` and the base64 of an ed25519 key: its seed, or seed and public key."""
    try:
        _key_of(told)
    except ValueError:
        return False
    return True


def new_secret() -> str:
    return f"{_SECRET}_{_base64(token_bytes(_SEED_BYTES))}"


def new_signing_key() -> str:
    """A new ed25519 key, as seed and public key together (RFC 8032, 5.1.5)."""
    key = SigningKey.generate()
    return f"{_KEY}_{_base64(bytes(key) + bytes(key.verify_key))}"


def public_key(signing_key: str) -> str:
    """What receivers verify with: `whpk_` and the base64 of the public key."""
    return f"{_PUBLIC}_{_base64(bytes(_key_of(signing_key).verify_key))}"


def _key_of(told: str) -> SigningKey:
    found = _bytes_of(told, _KEY, (_SEED_BYTES, _PAIR_BYTES))
    key = SigningKey(found[:_SEED_BYTES])
    if found[_SEED_BYTES:] not in (b"", bytes(key.verify_key)):
        raise ValueError("the public part of a signing key is not that of its seed")
    return key


def _bytes_of(told: str, prefix: str, sizes: Sequence[int]) -> bytes:
    scheme, _, encoded = told.partition("_")
    if scheme == prefix and encoded.isascii():
        found = b64decode(encoded, validate=True)
        if len(found) in sizes:
            return found
    raise ValueError(f"it is not {prefix}_ and the base64 of as many bytes as it must have")


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
