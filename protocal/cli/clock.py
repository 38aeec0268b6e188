"""What only the command line may ask of the machine: the time, a random key, the time zone."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path


def now() -> datetime:
    """The time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def random_key() -> str:
    """128 random bits for a record, which its calendar identities are made from."""
    return secrets.token_hex(16)


def random_site_key() -> bytes:
    """256 random bits for a site, which the addresses of its readers are made with."""
    return secrets.token_bytes(32)


def zone_here() -> str:
    """The name of this machine's time zone, UTC where it has none."""
    try:
        name = Path("/etc/timezone").read_text(encoding="utf-8").strip()
    except OSError:
        name = ""
    if not name:
        link = Path("/etc/localtime")
        name = str(link.resolve()).partition("zoneinfo/")[2] if link.is_symlink() else ""
    return {"": "UTC", "Etc/UTC": "UTC"}.get(name, name)
