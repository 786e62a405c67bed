"""The ways out: e-mail through the city's server, a folder of this machine, a signed web hook. Each says why it could not."""

import json
import os
import ssl
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from data.core.settings import settings
from data.notices import mail, web_hook
from data.notices.failures import NotSent
from data.reports.sending.letters import Parcel, write_hook, write_mail
from data.reports.sending.model import reaches


def needs_file(channel: str, detail: str) -> bool:
    """Whether the PDF must be written before something is sent."""
    return channel == "folder" or (channel == "mail" and detail == "figures")


def send(channel: str, target: str, parcel: Parcel, now: datetime, context: ssl.SSLContext | None = None) -> None:
    """Send a report to one target.

    Raises:
        NotSent: it was not taken, or may not go there.
    """
    if not reaches(channel, target):
        raise NotSent("bad_address", final=True)
    if channel == "mail":
        try:
            message = write_mail(target, parcel)
        except ValueError:
            raise NotSent("bad_address", final=True) from None
        mail.deliver(message, context)
    elif channel == "hook":
        body = json.dumps(write_hook(parcel), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        web_hook.post(target, f"report_{parcel.delivery}", int(now.timestamp()), body)
    else:
        _put(target, parcel)


def _put(target: str, parcel: Parcel) -> None:
    """Write the file below the folder of the settings: it is there whole or not at all, and again under the same name."""
    root = settings().report_folder
    if root is None:
        raise NotSent("not_set")
    if parcel.detail != "figures" or parcel.pdf is None:
        raise NotSent("cases_in_folder", final=True)
    try:
        folder = (root / target).resolve()
        if not folder.is_relative_to(root.resolve()):  # a link that leads out
            raise NotSent("bad_address", final=True)
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / parcel.file_name, parcel.pdf)
    except OSError as error:
        raise NotSent(f"folder_{error.errno or 0}") from None


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
