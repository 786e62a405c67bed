"""A blurred photo stands for one in which faces or plates could be seen: the first one is from then on seen only by who may see people."""

from collections.abc import Iterable, Mapping
from typing import Any

from data.cases.refusals import Refusal, StepRefused
from data.cases.states import Event
from data.database.connections import Connection

Case = tuple[str, int]
"""District and id of a case."""

_HAS = """
SELECT count(*) FILTER (WHERE c.hash = %(photo)s AND c.replaced_by IS NULL), count(*) FILTER (WHERE c.hash = %(blurred)s)
FROM attachment_case c WHERE c.district = %(district)s AND c.incident_id = %(id)s
"""
_IS_PHOTO = "SELECT width IS NOT NULL FROM attachment WHERE hash = %s"
_REPLACE = "UPDATE attachment_case SET replaced_by = %s WHERE district = %s AND incident_id = %s AND hash = %s"
# Whoever sent it does not see it any longer either.
_FORGET = "DELETE FROM attachment_upload WHERE hash = %s"


def check_blurred(connection: Connection, case: Case, fields: Mapping[str, Any]) -> None:
    """Refuse what cannot stand for a photo.

    Args:
        connection: the owner's.
        case: whose photo it is.
        fields: of the step: ``photo``, the hash of the photo, and ``attachments``, that of the blurred one alone.

    Raises:
        StepRefused: the case has no such photo, or what was sent is not one other photo. What has the wrong form is refused elsewhere.
    """
    photo, sent = fields.get("photo"), fields.get("attachments")
    if not isinstance(photo, str) or not isinstance(sent, list) or not sent or not all(isinstance(one, str) for one in sent):
        return
    blurred = sent[0]
    row = connection.execute(_HAS, {"photo": photo, "blurred": blurred, "district": case[0], "id": case[1]}).fetchone()
    if row is None or not row[0]:
        raise StepRefused([Refusal("photo", "unknown_photo")])
    if len(sent) > 1 or row[1] or connection.execute(_IS_PHOTO, [blurred]).fetchone() != (True,):
        raise StepRefused([Refusal("attachments", "one_photo")])


def replace_photos(connection: Connection, events: Iterable[tuple[Case, Event]]) -> None:
    """Let blurred photos stand for others, in the transaction that writes the steps; the blurred ones belong to their cases already."""
    for (district, case_id), event in events:
        photo = event.details["photo"]
        connection.execute(_REPLACE, [event.attachments[0], district, case_id, photo])
        connection.execute(_FORGET, [photo])
