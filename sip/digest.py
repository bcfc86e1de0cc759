"""Digest authentication for the side that is challenged (RFC 3261 22, RFC 7616, RFC 8760)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from relayscript.sip.params import LWS, quote, split_outside_quotes, unquote

ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
"""Names as in challenges, each also with `-sess`, and as hashlib has them; the weakest first."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a WWW-Authenticate or Proxy-Authenticate header asks for. `qops` are empty if it names none."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qops: tuple[str, ...] = ()
    opaque: str | None = None
    names_algorithm: bool = False

    @property
    def strength(self) -> int:
        """How strong the algorithm is, from 0; -1 for one that is not known here (RFC 8760 2.4)."""
        base = self.algorithm.upper().removesuffix("-SESS")
        return list(ALGORITHMS).index(base) if base in ALGORITHMS else -1


def fields_of(value: str) -> dict[str, str] | None:
    """The fields of a `Digest ...` value, names in lower case, quotes taken off; None for another scheme."""
    scheme, _, rest = value.strip(LWS).partition(" ")
    if scheme.lower() != "digest":
        return None
    fields: dict[str, str] = {}
    for part in split_outside_quotes(rest, ","):
        name, equals, text = part.partition("=")
        if equals:
            fields.setdefault(name.strip(LWS).lower(), unquote(text.strip(LWS)))
    return fields


def parse_challenge(value: str) -> Challenge | None:
    """Read a challenge; None if it is not one of Digest, or lacks realm or nonce."""
    fields = fields_of(value)
    if fields is None or "realm" not in fields or "nonce" not in fields:
        return None
    qops = tuple(each.strip(LWS).lower() for each in fields.get("qop", "").split(",") if each.strip(LWS))
    algorithm = fields.get("algorithm", "MD5")
    return Challenge(
        fields["realm"], fields["nonce"], algorithm, qops, fields.get("opaque"), "algorithm" in fields
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who answers: a user, and its password or `0x` and the hexadecimal hash of user, realm and password."""

    user: str
    password: str


def answer(
    challenge: Challenge, credentials: Credentials, method: str, uri: str, body: str, cnonce: str, count: int = 1
) -> str | None:
    """The value of Authorization or Proxy-Authorization (RFC 7616 3.4).

    `count` is how often the nonce was used, this time included. None if the challenge asks for an algorithm
    or a quality of protection that is not known here.
    """
    qop = "auth" if "auth" in challenge.qops else "auth-int" if "auth-int" in challenge.qops else ""
    if challenge.strength < 0 or (challenge.qops and not qop):
        return None
    response = _response(challenge, credentials, method, uri, body, qop, cnonce, count)
    parts = [
        f"username={quote(credentials.user)}", f"realm={quote(challenge.realm)}", f"nonce={quote(challenge.nonce)}",
        f"uri={quote(uri)}", f'response="{response}"',
    ]  # fmt: skip
    if challenge.names_algorithm:
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.opaque is not None:
        parts.append(f"opaque={quote(challenge.opaque)}")
    if qop:
        parts += [f"qop={qop}", f"nc={count:08x}"]
    if qop or _is_session(challenge):
        parts.append(f'cnonce="{cnonce}"')
    return f"Digest {', '.join(parts)}"


def _is_session(challenge: Challenge) -> bool:
    return challenge.algorithm.upper().endswith("-SESS")


def _response(
    challenge: Challenge, credentials: Credentials, method: str, uri: str, body: str, qop: str, cnonce: str, count: int
) -> str:
    algorithm = ALGORITHMS[challenge.algorithm.upper().removesuffix("-SESS")]

    def hashed(text: str) -> str:
        return hashlib.new(algorithm, text.encode("latin-1"), usedforsecurity=False).hexdigest()

    first = credentials.password[2:]
    if not credentials.password.startswith("0x"):
        first = hashed(f"{credentials.user}:{challenge.realm}:{credentials.password}")
    if _is_session(challenge):
        first = hashed(f"{first}:{challenge.nonce}:{cnonce}")
    second = hashed(f"{method}:{uri}:{hashed(body)}" if qop == "auth-int" else f"{method}:{uri}")
    used = f"{challenge.nonce}:{count:08x}:{cnonce}:{qop}" if qop else challenge.nonce
    return hashed(f"{first}:{used}:{second}")
