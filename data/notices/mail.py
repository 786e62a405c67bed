"""E-mail through the city's mail server: always encrypted (STARTTLS), except on this machine where the server offers none."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

from data.core.i18n import t
from data.core.settings import loopback, settings
from data.core.text import as_one_line
from data.notices.failures import NotSent

TIMEOUT_S = 15.0
_PERMANENT = 500


def send(target: str, message_id: str, body: dict[str, Any], context: ssl.SSLContext | None = None) -> None:
    """Send a message in both languages.

    Args:
        target: address of the receiver.
        message_id: the same each time the message is tried.
        body: as it is stored in ``notice``.
        context: for the certificate of the server; by default the machine's own authorities.

    Raises:
        NotSent: no server is set, or it did not take the message.
    """
    if settings().smtp is None:
        raise NotSent("not_set")
    try:
        message = _write(target, message_id, body)
    except ValueError:  # an address that no message can have
        raise NotSent("bad_address", final=True) from None
    deliver(message, context)


def deliver(message: EmailMessage, context: ssl.SSLContext | None = None) -> None:
    """Hand a message to the city's mail server.

    Args:
        message: with sender, one receiver and everything else.
        context: as for ``send``.

    Raises:
        NotSent: no server is set, or it did not take the message; uncertain, where the connection broke while it was taking it.
    """
    server = settings().smtp
    if server is None:
        raise NotSent("not_set")
    host, _, port = server.rpartition(":")
    handing = False
    try:
        smtp = smtplib.SMTP(host.strip("[]"), int(port), timeout=TIMEOUT_S)
        try:
            smtp.ehlo()
            if smtp.has_extn("starttls"):
                smtp.starttls(context=context or ssl.create_default_context())
                smtp.ehlo()
            elif not loopback(host.strip("[]")):
                raise NotSent("no_encryption")
            if settings().smtp_user:
                smtp.login(settings().smtp_user or "", settings().smtp_password or "")
            handing = True
            smtp.send_message(message)
            with suppress(smtplib.SMTPException, OSError):  # it has the message, whatever comes now
                smtp.quit()
        finally:
            smtp.close()
    except ssl.SSLError:
        raise NotSent("certificate", uncertain=handing) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotSent("receiver_refused", final=all(code >= _PERMANENT for code in codes)) from None
    except smtplib.SMTPResponseException as error:
        # Without an answer in time, the library may say 421 or -1 of its own accord.
        raise NotSent(f"answer_{error.smtp_code}", uncertain=handing and error.smtp_code < 0) from None
    except smtplib.SMTPNotSupportedError:  # of an address with other letters than English ones, or of signing in
        raise NotSent("bad_address" if handing else "no_answer", final=handing) from None
    except (smtplib.SMTPException, OSError):
        raise NotSent("no_answer", uncertain=handing) from None
    except ValueError:  # an address that no message can have
        raise NotSent("bad_address", final=True) from None


def _write(target: str, message_id: str, body: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = settings().smtp_from, target
    message["Subject"] = " / ".join(_subject(lang, body) for lang in ("zh", "en"))
    message["Message-ID"] = f"<{message_id}@gridwell.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join("\n".join(_lines(lang, body)) for lang in ("zh", "en")) + "\n")
    return message


_SCREENS = {
    "wall.silent": "A screen of the wall “{wall}” is silent: {screen}",
    "wall.back": "A screen of the wall “{wall}” is back: {screen}",
    "wall.ill": "A screen of the wall “{wall}” is not well: {screen}",
    "wall.well": "A screen of the wall “{wall}” is well again: {screen}",
}
_WHY = {"no_map": "It cannot draw the map.", "stale": "Its figures have been old for more than ten minutes."}


def _subject(lang: str, body: dict[str, Any]) -> str:
    if body["type"] in _SCREENS:
        return t(lang, _SCREENS[body["type"]], wall=body["wall"], screen=as_one_line(str(body["screen"])))
    count = len(body["cases"])
    if body["factor"] == 1:
        return t(lang, "Overdue cases: {count}", count=count)
    return t(lang, "Cases at {factor} times their allowed time: {count}", factor=body["factor"], count=count)


def _lines(lang: str, body: dict[str, Any]) -> list[str]:
    if body["type"] in _SCREENS:
        seen = t(lang, "Last seen: {moment}", moment=body["seen_at"])
        why = [t(lang, _WHY[body["why"]])] if body.get("why") in _WHY else []
        return [_subject(lang, body), *why, seen, *([str(body["address"])] if body.get("address") else [])]
    told = [t(lang, "To: {role}", role=as_one_line(str(body["role"]))), _subject(lang, body)]
    for case in body["cases"]:
        facts = {"number": case["number"], "area": as_one_line(str(case["area"] or case["grid"])), "due": case["due_at"]}
        told.append(t(lang, "{number}, {area}, due {due}", **facts))
    return [*told, *([str(body["address"])] if body.get("address") else [])]
