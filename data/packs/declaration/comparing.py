"""What a changed pack changes beside the installed one, in words, before anything is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from data.core.i18n import t
from data.packs.declaration.faults import told_fact
from data.packs.declaration.model import Feed, Field, Kind, Pack

CHANGE_SENTENCES = {
    "other_pack": "The pack is called “{after}”, the installed one “{before}”: it is another one.",
    "version_same": "The pack is not the installed one, but has its version {version}. Count the version up.",
    "version_lower": "The version {after} is lower than the installed one, {before}.",
    "kind_new": "New kind “{kind}”: a table is made.",
    "kind_gone": "The kind “{kind}” is gone. Its table and records stay, but nothing is delivered or shown any more.",
    "key_changed": "The key of the kind “{kind}” is {after} instead of {before}: records that were two may now be one.",
    "subject_changed": "Records of the kind “{kind}” are about a {after} instead of a {before}.",
    "day_changed": "The kind “{kind}” counts by “{after}” instead of “{before}”: all its figures are counted again.",
    "place_changed": "Records of the kind “{kind}” find their places in another way: all of them are placed again.",
    "keep_shorter": "Records of the kind “{kind}” are kept for {after} months instead of {before}: older ones are deleted.",
    "keep_longer": "Records of the kind “{kind}” are kept for {after} months instead of {before}.",
    "keep_now": "Records of the kind “{kind}” are kept for {after} months, and were kept for ever: older ones are deleted.",
    "keep_ever": "Records of the kind “{kind}” are kept for ever; up to now it was {before} months.",
    "field_new": "New field “{field}” of the kind “{kind}” ({type}): a column is added; it is empty in records that are there.",
    "field_new_required": "New required field “{field}” of the kind “{kind}” ({type}): records that are there have no value in it.",
    "field_gone": "The field “{field}” of the kind “{kind}” is gone. Its column and values stay, but are shown no more.",
    "type_changed": "The field “{field}” of the kind “{kind}” is a {after} instead of a {before}: values that are there may not fit.",
    "link_changed": "The field “{field}” of the kind “{kind}” leads to “{after}” instead of “{before}”.",
    "now_required": "The field “{field}” of the kind “{kind}” is now required: records without a value stay, new ones are refused.",
    "not_required": "The field “{field}” of the kind “{kind}” is no longer required.",
    "code_new": "The field “{field}” of the kind “{kind}” has the new codes {codes}.",
    "code_gone": "The field “{field}” of the kind “{kind}” no longer has the codes {codes}: records that have them keep them.",
    "limits_changed": "The field “{field}” of the kind “{kind}” has other limits: records outside them stay, new ones are refused.",
    "unit_changed": "The field “{field}” of the kind “{kind}” has another unit. Values that are there are not converted.",
    "class_stricter": "The field “{field}” of the kind “{kind}” is {after} instead of {before}: fewer people see it.",
    "class_looser": "The field “{field}” of the kind “{kind}” is {after} instead of {before}: more people may see it.",
    "sees_changed": "Other departments see the field “{field}” of the kind “{kind}”.",
    "owner_changed": "The master of the field “{field}” of the kind “{kind}” is the department “{after}” instead of “{before}”.",
    "feed_new": "New feed “{feed}” of the department “{department}”: a delivery is expected from {start} on.",
    "feed_gone": "The feed “{feed}” is gone: nothing is expected any more. What it delivered stays.",
    "feed_contract": "The contract of the feed “{feed}” changes: {keys}. It gets a new version.",
    "rule_new": "New rule “{name}”: it holds for rows that are delivered from now on.",
    "rule_gone": "The rule “{name}” is gone. Rows that it put into quarantine wait there.",
    "rule_changed": "The rule “{name}” changes: it holds for rows that are delivered from now on.",
    "indicator_new": "New indicator “{name}”: it is counted for all periods.",
    "indicator_gone": "The indicator “{name}” is gone.",
    "indicator_changed": "The indicator “{name}” is counted in another way: all periods are counted again.",
    "score_new": "New score “{name}”: it is counted for all periods.",
    "score_gone": "The score “{name}” is gone.",
    "score_changed": "The score “{name}” is counted in another way: earlier warnings keep the score that they were given for.",
    "warning_new": "New warning “{name}”.",
    "warning_gone": "The warning “{name}” is gone; those that were given stay.",
    "warning_changed": "The warning “{name}” changes; those that were given stay.",
    "public_more": "Everybody will see, without signing in: {fields} of the kind “{kind}”.",
    "public_less": "Nobody sees any longer without signing in: {fields} of the kind “{kind}”.",
    "public_where": "Other records of the kind “{kind}” are public.",
}

Weight = Literal["refused", "takes", "changes", "adds"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes.

    Attributes:
        weight: ``refused``: it cannot be installed so; ``takes``: something is hidden, deleted, refused or shown to more people, so
            somebody has to agree; ``changes`` and ``adds``: nothing is lost.
    """

    code: str
    weight: Weight
    facts: Mapping[str, object] = field(default_factory=dict)

    def tell(self, lang: str) -> str:
        """The sentence in ``lang``."""
        return t(lang, CHANGE_SENTENCES[self.code], **{name: told_fact(fact, lang) for name, fact in self.facts.items()})


_ORDER: tuple[Weight, ...] = ("refused", "takes", "changes", "adds")


def compare(before: Pack, after: Pack) -> list[Change]:
    """What changes from the installed pack to another version of it, most weighty first; nothing if they are equal."""
    if before == after:
        return []
    found = [*_versions(before, after), *_kinds(before, after), *_feeds(before, after), *_figures(before, after), *_public(before, after)]
    return sorted(found, key=lambda change: _ORDER.index(change.weight))


def _versions(before: Pack, after: Pack) -> Iterator[Change]:
    if before.code != after.code:
        yield Change("other_pack", "refused", {"before": before.code, "after": after.code})
    elif after.version == before.version:
        yield Change("version_same", "refused", {"version": after.version})
    elif after.version < before.version:
        yield Change("version_lower", "refused", {"before": before.version, "after": after.version})


# ---- Kinds ----


def _kinds(before: Pack, after: Pack) -> Iterator[Change]:
    for code, kind in after.kinds.items():
        if code not in before.kinds:
            yield Change("kind_new", "adds", {"kind": code})
        else:
            yield from _kind(before, after, before.kinds[code], kind)
    for code in [one for one in before.kinds if one not in after.kinds]:
        yield Change("kind_gone", "takes", {"kind": code})


def _kind(before: Pack, after: Pack, old: Kind, new: Kind) -> Iterator[Change]:
    kind = {"kind": new.code}
    if old.key != new.key:
        yield Change("key_changed", "takes", {**kind, "before": ", ".join(old.key), "after": ", ".join(new.key)})
    if old.subject != new.subject:
        yield Change("subject_changed", "takes", {**kind, "before": old.subject, "after": new.subject})
    if old.day != new.day:
        yield Change("day_changed", "changes", {**kind, "before": old.day or "-", "after": new.day or "-"})
    if old.place != new.place:
        yield Change("place_changed", "changes", kind)
    yield from _kept(old, new)
    for code, one in new.fields.items():
        if code not in old.fields:
            yield Change("field_new_required" if one.required else "field_new", "adds", {**kind, "field": code, "type": one.type})
        else:
            yield from _field(before.owner_of(old.fields[code]), after.owner_of(one), new.code, old.fields[code], one)
    for code in [one for one in old.fields if one not in new.fields]:
        yield Change("field_gone", "takes", {**kind, "field": code})


def _kept(old: Kind, new: Kind) -> Iterator[Change]:
    facts = {"kind": new.code, "before": old.keep_months, "after": new.keep_months}
    if old.keep_months == new.keep_months:
        return
    if new.keep_months is None:
        yield Change("keep_ever", "changes", facts)
    elif old.keep_months is None:
        yield Change("keep_now", "takes", facts)
    elif new.keep_months < old.keep_months:
        yield Change("keep_shorter", "takes", facts)
    else:
        yield Change("keep_longer", "changes", facts)


_STRICT = ("ordinary", "sensitive", "personal", "trade_secret", "state_secret")


def _field(owner_before: str, owner_after: str, kind: str, old: Field, new: Field) -> Iterator[Change]:
    facts: dict[str, object] = {"kind": kind, "field": new.code}
    if old.type != new.type:
        yield Change("type_changed", "takes", {**facts, "before": old.type, "after": new.type})
    if old.to != new.to:
        yield Change("link_changed", "takes", {**facts, "before": old.to or "-", "after": new.to or "-"})
    if old.required != new.required:
        yield Change("now_required" if new.required else "not_required", "takes" if new.required else "changes", facts)
    if added := [code for code in new.codes if code not in old.codes]:
        yield Change("code_new", "adds", {**facts, "codes": ", ".join(added)})
    if gone := [code for code in old.codes if code not in new.codes]:
        yield Change("code_gone", "takes", {**facts, "codes": ", ".join(gone)})
    if (old.min, old.max) != (new.min, new.max):
        yield Change("limits_changed", "changes", facts)
    if old.unit != new.unit:
        yield Change("unit_changed", "takes", facts)
    if old.class_ != new.class_:
        looser = _STRICT.index(new.class_) < _STRICT.index(old.class_)
        classes = {**facts, "before": old.class_, "after": new.class_}
        yield Change("class_looser" if looser else "class_stricter", "takes" if looser else "changes", classes)
    if old.sees != new.sees:
        yield Change("sees_changed", "takes", facts)
    if owner_before != owner_after:
        yield Change("owner_changed", "takes", {**facts, "before": owner_before, "after": owner_after})


# ---- Feeds ----

_NOT_CONTRACT = ("name", "about", "code")


def contract_of(feed: Feed) -> dict[str, object]:
    """What is agreed with the department: everything but how the feed is called."""
    return {key: value for key, value in feed.model_dump(mode="json", by_alias=True).items() if key not in (*_NOT_CONTRACT, "@code")}


def _feeds(before: Pack, after: Pack) -> Iterator[Change]:
    for code, feed in after.feeds.items():
        if code not in before.feeds:
            facts = {"feed": code, "department": feed.department, "start": feed.valid_from.isoformat()}
            yield Change("feed_new", "adds", facts)
            continue
        old, new = contract_of(before.feeds[code]), contract_of(feed)
        if keys := [key for key in new if old[key] != new[key]]:
            yield Change("feed_contract", "changes", {"feed": code, "keys": ", ".join(keys)})
    for code in [one for one in before.feeds if one not in after.feeds]:
        yield Change("feed_gone", "takes", {"feed": code})


# ---- Rules, figures, warnings ----

_WORDS = ("name", "about", "reason", "title")


def _figures(before: Pack, after: Pack) -> Iterator[Change]:
    pairs: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        ("rule", before.rules, after.rules),
        ("indicator", before.indicators, after.indicators),
        ("score", before.scores, after.scores),
        ("warning", before.warnings, after.warnings),
    )
    for what, old, new in pairs:
        for code, one in new.items():
            if code not in old:
                yield Change(f"{what}_new", "adds", {"name": code})
            elif _meaning(old[code]) != _meaning(one):
                yield Change(f"{what}_changed", "changes", {"name": code})
        for code in [one for one in old if one not in new]:
            yield Change(f"{what}_gone", "takes", {"name": code})


def _meaning(part: object) -> object:
    """A part without its words."""
    return _without_words(part.model_dump(mode="json"))  # type: ignore[attr-defined]


def _without_words(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_words(inner) for key, inner in value.items() if key not in _WORDS}
    return [_without_words(inner) for inner in value] if isinstance(value, list) else value


def _public(before: Pack, after: Pack) -> Iterator[Change]:
    for kind in dict.fromkeys([*before.public, *after.public]):
        old, new = before.public.get(kind), after.public.get(kind)
        had, has = (old.fields if old else []), (new.fields if new else [])
        if more := [name for name in has if name not in had]:
            yield Change("public_more", "takes", {"kind": kind, "fields": ", ".join(more)})
        if less := [name for name in had if name not in has]:
            yield Change("public_less", "changes", {"kind": kind, "fields": ", ".join(less)})
        if old and new and old.where != new.where:
            yield Change("public_where", "takes", {"kind": kind})
