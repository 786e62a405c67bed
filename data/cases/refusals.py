"""Why a step cannot be taken: one sentence for each field, in words of both languages."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from data.core.errors import GridwellError
from data.core.i18n import t

REFUSAL_SENTENCES = {
    "needed": "This is needed.",
    "not_taken": "This step does not take this field.",
    "bad_text": "This must be a text of at most {most} characters.",
    "bad_number": "This must be one of {known}.",
    "bad_whole": "This must be a whole number.",
    "not_reached": "The writer did not reach this case in time; nothing was done to it.",
    "failed": "Something went wrong with this step. Nothing was done; the server's log says why.",
    "bad_truth": "This must be true or false.",
    "bad_moment": "This must be a moment with its time zone, for example 2026-12-01T17:00:00+08:00.",
    "past": "This must lie in the future.",
    "bad_place": "This must be a longitude and a latitude, for example [120.15, 30.25].",
    "bad_list": "This must be a list of at most {most}.",
    "one_of": "At least one of {known} is needed.",
    "unknown_step": "There is no such step; the nearest is “{nearest}”.",
    "unknown_category": "This city has no such category; the nearest is “{nearest}”.",
    "unknown_datum": "There is no such datum; known are {known}.",
    "unknown_channel": "There is no such channel; the nearest is “{nearest}”.",
    "outside": "This place lies in no cell of a city that your account may work in.",
    "too_far": "This place lies {metres} m outside the nearest cell that your account may work in; up to {allowed} m are taken. "
    "Where it is not known better, give the code of an area instead.",
    "elsewhere": "The case stands where your account may not work. Who moves or merges it must be allowed to work at both places.",
    "same_place": "The case stands there, in this category, already.",
    "closed_category": "Your account may not work on cases of this category.",
    "place_or_area": "Give either lon and lat, or the code of an area.",
    "not_a_cell": "This area has no cases of its own: give the code of a grid cell, or lon and lat.",
    "ability": "Your role may not take this step.",
    "stage": "This step is not possible in the stage “{stage}”.",
    "paused": "The case is paused: resume it first.",
    "not_paused": "The case is not paused.",
    "already_paused": "The case is paused already.",
    "same_severity": "The case has this severity already.",
    "unknown_file": "You have sent no such file within the last day: {hash}. Send it first, then name it here.",
    "unknown_photo": "The case has no such photo, or another one stands for it already.",
    "one_photo": "Send the blurred photo, and nothing else, with this step.",
    "unknown_unit": "This city has no such unit today; the nearest is “{nearest}”.",
    "unknown_account": "There is no open account with this name. Choose one of the people proposed, or leave the field empty.",
    "no_rule": "No rule says which unit handles this case: choose the unit.",
    "into_itself": "A case cannot be merged into itself.",
    "into_unknown": "There is no such case that your account may work on.",
    "into_ended": "That case has ended as “{stage}”: name the case that goes on.",
    "nothing_to_undo": "There is nothing to undo.",
    "not_yours": "Only the person who took the last step can undo it.",
    "too_late": "A step can be undone within {seconds} seconds.",
    "reminded_lately": "The handler was reminded of this case {ago} minutes ago. It can be done again in {left} minutes.",
    "not_asked": "Nobody was reached, so there is no answer.",
    "not_unsolved": "A case is opened again only if the reporter says that it is not solved.",
    "changed": "The case has changed meanwhile: it is at version {version}.",
    "key_reused": "This idempotency key was used for something else.",
    "bad_reporter": "This must have a name or a phone.",
    "bad_phone": "This is no telephone number.",
    "not_in_bulk": "This step is taken on one case at a time.",
    "twice": "This case is named twice.",
    "unknown_area": "There is no such area that your account may work in.",
    "unknown_case": "There is no such case that your account may work on.",
}
"""Sentences by the code of a refusal."""

_FORBIDDEN, _CONFLICTS = (
    frozenset({"ability", "elsewhere"}),
    frozenset(
        {
            *(
                "stage",
                "paused",
                "not_paused",
                "already_paused",
                "nothing_to_undo",
                "not_yours",
                "too_late",
                "reminded_lately",
                "changed",
                "key_reused",
            ),
            *("same_severity", "same_place", "into_ended"),
        }
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a step cannot be taken.

    Attributes:
        field: the field that it is about; ``step`` where it is about the whole.
        code: key of ``REFUSAL_SENTENCES``.
        facts: what fills the sentence.
    """

    field: str
    code: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)

    def tell(self, lang: str) -> str:
        """The sentence in a language."""
        return t(lang, REFUSAL_SENTENCES[self.code], **self.facts)

    @property
    def status(self) -> int:
        """HTTP status of this reason: 403 no right, 404 unknown, 409 the case stands otherwise, 422 what was given cannot be used."""
        if self.code in _FORBIDDEN:
            return 403
        if self.code in ("unknown_case", "failed"):
            return 404 if self.code == "unknown_case" else 500
        return 409 if self.code in _CONFLICTS else 422

    def to_json(self) -> dict[str, Any]:
        """For an outcome that is stored."""
        return {"field": self.field, "code": self.code, "facts": self.facts}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Refusal":
        """The way back."""
        return cls(stored["field"], stored["code"], stored["facts"])


class StepRefused(GridwellError):
    """A step that is not taken, with every reason.

    Attributes:
        refusals: the reasons.
        version: version of the case, where that is known.
        since: what happened since the version that the actor has seen.
    """

    code, sentence = "step_refused", "This step was not taken."

    def __init__(self, refusals: Sequence[Refusal], version: int | None = None, since: Sequence[dict[str, Any]] = ()) -> None:
        self.refusals, self.version, self.since = tuple(refusals), version, list(since)
        super().__init__()

    @property
    def answer_status(self) -> int:
        """HTTP status: no right before unknown, before how the case stands, before what was given."""
        return min((refusal.status for refusal in self.refusals), default=422)
