"""What the data hub says in words: cadences, changes of contracts, reasons."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from data.core.i18n import t
from data.feeds.contracts import feed_of, read_terms
from data.importing.common.reasons import REASON_TITLES
from data.importing.common.sentences import SENTENCES
from data.packs.declaration.cadence import LAST_DAY, Cadence


def named(lang: str, name: object) -> str:
    """A name that is kept in both languages."""
    return str(name.get(lang) or name.get("zh") or "") if isinstance(name, Mapping) else str(name or "")


def level_name(lang: str, level: str) -> str:
    """A row of the matrix."""
    names = {"city": t(lang, "City"), "district": t(lang, "District"), "street": t(lang, "Street"), "community": t(lang, "Community")}
    return names.get(level, level)


def tell_problem(lang: str, problem: Mapping[str, Any] | None) -> str | None:
    """The sentence of a failure: its code and facts, as the landing kept them; or both languages, as a program said it."""
    if not problem:
        return None
    if isinstance(problem.get("sentence"), Mapping):
        return named(lang, problem["sentence"])
    code, facts = str(problem.get("code") or ""), problem.get("facts") or {}
    sentence = t(lang, SENTENCES[code]) if code in SENTENCES else _tell_fault(lang, code)
    try:
        return sentence.format(**{"file": "", "line": "", "column": "", "value": "", **facts})
    except (KeyError, IndexError, ValueError):  # kept by another version of the product
        return sentence


def tell_reason(lang: str, reason: str, declared: Mapping[str, Any]) -> str:
    """Why rows were rejected or are in quarantine, without naming one of them: a rule of the pack, or a fault of the file."""
    rule = (declared.get("rules") or {}).get(reason)
    if isinstance(rule, Mapping):
        return named(lang, rule.get("reason"))
    return t(lang, REASON_TITLES[reason]) if reason in REASON_TITLES else _tell_fault(lang, reason)


def _tell_fault(lang: str, code: str) -> str:
    faults = {
        "no_value": t(lang, "A needed field is empty"),
        "below_least": t(lang, "A number is below the least"),
        "above_most": t(lang, "A number is above the most"),
        "unknown_code": t(lang, "The code is not one of the agreed ones"),
        "no_yes_or_no": t(lang, "Neither a yes nor a no"),
        "bad_month": t(lang, "No month"),
        "unknown_record": t(lang, "There is no record that it links to"),
        "unknown_building": t(lang, "There is no such building"),
        "several_places": t(lang, "Buildings with this address stand in several places"),
        "unknown_area_code": t(lang, "The city has no such area"),
        "outside_city": t(lang, "The point lies outside of the city"),
        "key_again": t(lang, "The key occurred before in the file"),
        "key_later": t(lang, "The key occurs again in the file, and that row counts"),
        "feed_gone": t(lang, "The feed is declared no longer"),
        "no_column": t(lang, "The feed fills no field"),
        "program_fault": t(lang, "The program failed; nothing was taken"),
        "rule_unusable": t(lang, "A rule cannot be asked of the rows"),
        "too_many_rejects": t(lang, "Too many rows cannot be used"),
    }
    return faults.get(code, code)


def tell_cadence(lang: str, declared: Mapping[str, Any]) -> str:
    """When a contract's deliveries are due."""
    cadence = read_terms(declared, date.min).cadence
    if cadence.time is None:
        return t(lang, "On demand")
    clock = cadence.time.strftime("%H:%M")
    told = _named_day(lang, cadence, clock)
    if cadence.every in ("daily", "working_days"):
        return told
    shift = feed_of(declared).get("shift", "next")
    if shift == "next":
        return t(lang, "{told}; on a day off, the next working day", told=told)
    return t(lang, "{told}; on a day off, the working day before", told=told) if shift == "previous" else told


def _named_day(lang: str, cadence: Cadence, clock: str) -> str:
    last = cadence.day == LAST_DAY
    match cadence.every:
        case "daily":
            return t(lang, "Every day by {time}", time=clock)
        case "working_days":
            return t(lang, "Every working day by {time}", time=clock)
        case "weekly":
            return t(lang, "Every {weekday} by {time}", weekday=_weekday(lang, cadence.weekday or 0), time=clock)
        case "monthly":
            if last:
                return t(lang, "On the last day of each month by {time}", time=clock)
            return t(lang, "On day {day} of each month by {time}", day=cadence.day, time=clock)
        case "quarterly":
            if last:
                return t(lang, "On the last day of each quarter by {time}", time=clock)
            return t(lang, "On day {day} of each quarter by {time}", day=cadence.day, time=clock)
        case _:
            return t(lang, "Each year on {month}-{day} by {time}", month=f"{cadence.month:02d}", day=f"{cadence.day:02d}", time=clock)


def _weekday(lang: str, day: int) -> str:
    return (
        t(lang, "Monday"),
        t(lang, "Tuesday"),
        t(lang, "Wednesday"),
        t(lang, "Thursday"),
        t(lang, "Friday"),
        t(lang, "Saturday"),
        t(lang, "Sunday"),
    )[day]


def tell_changes(lang: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """How a version of a contract differs from the one before."""
    told = []
    if (now := tell_cadence(lang, new)) != (before := tell_cadence(lang, old)):
        told.append(t(lang, "Due: {now}; before: {before}.", now=now, before=before))
    if (by := way_of(new)) != (by_before := way_of(old)):
        told.append(t(lang, "Comes by {now}; before: {before}.", now=by, before=by_before))
    if (who := contact_of(new)[0]) != (who_before := contact_of(old)[0]):
        told.append(t(lang, "Contact: {now}; before: {before}.", now=who or "-", before=who_before or "-"))
    fields, fields_before = new.get("fields") or {}, old.get("fields") or {}
    told += [t(lang, "New field “{name}”.", name=_field_name(lang, code, one)) for code, one in fields.items() if code not in fields_before]
    gone = [_field_name(lang, code, one) for code, one in fields_before.items() if code not in fields]
    told += [t(lang, "Field “{name}” is no longer delivered.", name=name) for name in gone]
    changed = [code for code, one in fields.items() if code in fields_before and one != fields_before[code]]
    told += [t(lang, "Field “{name}” is declared differently.", name=_field_name(lang, code, fields[code])) for code in changed]
    return told


def _field_name(lang: str, code: str, field: Mapping[str, Any]) -> str:
    return named(lang, field.get("name")) or code


def way_of(declared: Mapping[str, Any]) -> str:
    """How a feed's deliveries come."""
    return str((feed_of(declared).get("transport") or {}).get("by") or "push")


def contact_of(declared: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Name and telephone of who answers for a feed."""
    contact = feed_of(declared).get("contact") or {}
    return contact.get("name"), contact.get("phone")
