"""Signatures: what the reference libraries of two languages say of them, and ed25519."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from standardwebhooks import Webhook, WebhookVerificationError

from worker import signing
from worker.signing import Signer, is_secret, is_signing_key, new_secret, new_signing_key

OLD, NEW = new_secret(), new_secret()
KEY = new_signing_key()
BODY = json.dumps({"type": "alert", "title": "Ceasefire — پایان 停火 💥"}, ensure_ascii=False)


def headers(signer: Signer, at: datetime | None = None, body: str = BODY) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signer.sign("msg_1", at, body),
    }


def signatures(told: dict[str, str]) -> list[tuple[str, str]]:
    return [tuple(one.split(",")) for one in told["webhook-signature"].split(" ")]  # type: ignore[misc]


@pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
def test_while_a_secret_changes_a_receiver_may_have_either(secret: str) -> None:
    told = headers(Signer([NEW, OLD], [KEY]))
    assert [version for version, _ in signatures(told)] == ["v1", "v1", "v1a"]
    assert Webhook(secret).verify(BODY, told) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, told)


@pytest.mark.parametrize("skew_s", [-600, 600])
def test_a_receiver_whose_clock_is_wrong_by_ten_minutes_refuses(skew_s: int) -> None:
    told = headers(Signer([NEW]), datetime.now(UTC) + timedelta(seconds=skew_s))
    with pytest.raises(WebhookVerificationError, match=r"too (old|new)"):
        Webhook(NEW).verify(BODY, told)


def test_a_public_key_verifies_and_cannot_sign() -> None:
    told = headers(Signer([], [KEY]))
    ((version, signature),) = signatures(told)
    public = signing.public_key(KEY)
    assert (version, public[:5]) == ("v1a", "whpk_")
    verifier = VerifyKey(base64.b64decode(public[5:]))
    signed = f"msg_1.{told['webhook-timestamp']}.{BODY}".encode()
    verifier.verify(signed, base64.b64decode(signature))
    with pytest.raises(BadSignatureError):
        verifier.verify(signed + b" ", base64.b64decode(signature))


def test_a_key_is_its_seed_and_with_or_without_its_public_part_the_same() -> None:
    # RFC 8032, 7.1, test 1
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    pair = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    alone, both = (f"whsk_{base64.b64encode(k).decode()}" for k in (seed, seed + pair))
    assert signing.public_key(alone) == signing.public_key(both)
    assert signing.public_key(both) == f"whpk_{base64.b64encode(pair).decode()}"
    assert not is_signing_key(f"whsk_{base64.b64encode(seed + bytes(32)).decode()}")


def encoded(prefix: str, size: int) -> str:
    return prefix + base64.b64encode(bytes(range(size))).decode()


@pytest.mark.parametrize(
    ("told", "secret", "key"),
    [
        (new_secret(), True, False),
        (new_signing_key(), False, True),
        (encoded("whsec_", 24), True, False),
        (encoded("whsec_", 64), True, False),
        (encoded("whsec_", 23), False, False),
        (encoded("whsec_", 65), False, False),
        (encoded("whsk_", 32), False, True),
        (encoded("whsk_", 31), False, False),
        (encoded("whpk_", 32), False, False),
        (encoded("", 32), False, False),
        ("whsec_" + "é" * 40, False, False),
        ("whsk_" + "é" * 40, False, False),
        ("", False, False),
    ],
    ids=range(13),
)
def test_what_is_a_secret_and_what_a_key(told: str, secret: bool, key: bool) -> None:
    assert (is_secret(told), is_signing_key(told)) == (secret, key)
    if not secret and told:
        with pytest.raises(ValueError, match="it is not whsec_") as refused:
            Signer([told])
        assert told not in str(refused.value)


# ---- the reference library for JavaScript

_VERIFY = """
const { Webhook } = require("standardwebhooks");
const given = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const told = given.map(one => {
  try { return new Webhook(one.secret).verify(one.body, one.headers); }
  catch (error) { return String(error.message); }
});
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """A folder in which node finds npm's `standardwebhooks`, kept between runs."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = Path(tempfile.gettempdir()) / f"wirewatch-node-{os.getuid()}"
    if not (folder / "node_modules" / "standardwebhooks" / "dist").is_dir():
        folder.mkdir(exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"]
        made = subprocess.run(
            [*command, "--prefix", str(folder), "standardwebhooks@1"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        if made.returncode != 0:
            pytest.skip(f"npm could not install standardwebhooks: {made.stderr[-200:]}")
    return folder


def test_the_library_for_javascript_verifies_what_we_sign(node_modules: Path) -> None:
    good = {"secret": OLD, "body": BODY, "headers": headers(Signer([NEW, OLD], [KEY]))}
    given = [
        good,
        good | {"secret": NEW},
        good | {"body": BODY + " "},
        good | {"secret": new_secret()},
    ]
    done = subprocess.run(
        ["node", "-e", _VERIFY],
        input=json.dumps(given),
        cwd=node_modules,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    refused = "No matching signature found"
    assert json.loads(done.stdout) == [json.loads(BODY), json.loads(BODY), refused, refused]
