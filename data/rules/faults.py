"""What is wrong with rules that somebody wrote, told for each field."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from typing_extensions import TypedDict

from data.core.errors import GridwellError
from data.core.i18n import t

_FAULT_SENTENCES = {
    "needed": "This is needed.",
    "bad_text": "This is no text of at most {most} characters.",
    "bad_list": "Give a list of at most {most} rules.",
    "no_day": "“{value}” is no day; write 2027-02-06.",
    "backwards": "The last day is before the first.",
    "no_unit": "The city has no unit “{value}”; the nearest is “{nearest}”.",
    "no_area": "The city has no area “{value}”; the nearest is “{nearest}”.",
    "no_category": "The city has no category “{value}”; the nearest is “{nearest}”.",
    "no_channel": "There is no channel “{value}”; the nearest is “{nearest}”.",
    "no_hours": "“{value}” is no span of hours; write 08:00-18:00.",
    "no_time": "“{value}” is no time; write 4 h, 4 wh (working hours), 2 wd (working days) or 5 days.",
    "no_times": "Give a time for at least one step.",
    "past": "The first day must not be before today, {value}: what held in the past stays.",
    "past_end": "The last day must not be before today, {value}: what held in the past stays.",
    "no_rule": "There is no such rule any more.",
    "begun": "The rule holds already: end it, or let another follow it.",
    "no_number": "Give a whole number from 1 to {most}.",
    "same_category": "Another row is for the same category.",
    "no_change": "There is no such change any more, or nothing to bring back.",
    "no_spans": "“{value}” are no hours; write 09:00-12:00 13:30-17:30, or nothing for a free day.",
    "no_hours_at_all": "Give the hours of at least one day.",
    "graded": "Days before today, {value}, have weights already: what was graded stays.",
    "no_parts": "Give a weight to at least one indicator.",
    "no_indicator": "There is no indicator “{value}”; the nearest is “{nearest}”.",
    "twice_indicator": "An indicator is named twice.",
    "no_weight": "Write a number above 0.",
    "no_decimal": "“{value}” is no number; write 0.25 or 12.",
    "no_scale": "100 points and 0 points need different values.",
    "needs_scale": "Hours need a value for 100 points and one for 0 points.",
    "twice": "Another rule of this change is for the same category, condition and first day.",
}


class FaultTold(TypedDict):
    """What is wrong with a field: its name, such as ``rules.2.unit``, a stable code, and a sentence."""

    field: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field."""

    field: str
    code: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def tell(self, lang: str) -> FaultTold:
        """The fault in a language."""
        return {"field": self.field, "code": self.code, "sentence": t(lang, _FAULT_SENTENCES[self.code], **self.facts)}


class RulesRefused(GridwellError):
    """Rules that cannot be used: nothing of them is taken."""

    status, code, sentence = 422, "rules_refused", "Nothing was changed: what is written cannot be used."

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = list(faults)
