"""The token that opens Gridwell: given by ``GRIDWELL_TOKEN``, or made once and kept in the state folder."""

import os
import secrets

from data.cluster.account import refused
from data.settings import settings

_BYTES = 24


def token() -> str:
    """The sign-in token of this installation; the same after every start.

    Raises:
        FolderRefused, DiskFull: it has to be made and cannot be kept.
    """
    if given := (settings().token or "").strip():
        return given
    kept = settings().home / "token"
    try:
        if not kept.exists():
            _keep(secrets.token_urlsafe(_BYTES))
        return kept.read_text("ascii").strip()
    except OSError as error:
        raise refused(kept, error) from error


def _keep(made: str) -> None:
    """Write the token beside its place and link it in, so that of two first starts one wins and both read the same."""
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f"token.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as handle:
        handle.write(made + "\n")
    try:
        (home / "token").hardlink_to(draft)
    except FileExistsError:
        return  # somebody else was first
    finally:
        draft.unlink()
