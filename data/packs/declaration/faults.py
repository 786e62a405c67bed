"""What can be wrong in a pack, each with a sentence; a fault knows the file and the line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.text import as_one_line

FAULT_SENTENCES = {
    # The file
    "no_file": "There is no file {file} in this folder.",
    "no_plain_file": "{file} is a link or no plain file. Links are not followed: put the file itself into the folder.",
    "unreadable": "{file} cannot be read: {detail}",
    "large_file": "{file} is longer than {most} bytes.",
    "not_utf8": "The text is not UTF-8. Save the file as UTF-8.",
    "gbk": "The file is written in GBK. Save it as UTF-8.",
    "utf16": "The file is written in UTF-16. Save it as UTF-8.",
    "long_line": "The line is longer than {most} characters. Break it.",
    "many_dots": "The line has more than {most} dots.",
    "too_deep": "Tables stand in each other more than {most} deep.",
    "hidden_character": "“{key}” contains a character that cannot be seen ({found}). Delete it.",
    # Its language
    "toml_twice": "This is written for the second time. Delete one of the two.",
    "toml_value": 'What stands behind = is no value. Texts need straight quotes: "…"',
    "toml_equals": "Behind a key there has to be =.",
    "toml_line_end": "There is more on this line than belongs there. A text with quotes inside, or two keys on one line?",
    "toml_key": "A line has to begin with a key, a table in brackets or #.",
    "toml_text": "A text begins with a quote and does not end, or contains a line break or a control character.",
    "toml_backslash": r"A \ in a text is written as \\. Or put the text between '…', where it means itself.",
    "toml_bracket": "A bracket or brace is opened and not closed. What stands in braces has to be on one line.",
    "toml_syntax": "This is not valid TOML: {detail}",
    # Keys and values
    "unknown_key": "“{key}” is not a key of {where}; the nearest one is “{nearest}”.",
    "needs_key": "{where} needs the key “{key}”.",
    "needs_part": "{where} needs at least one.",
    "many_parts": "{where} has {found} entries; at most {most} are allowed.",
    "need_text": "“{key}” has to be a text in quotes.",
    "need_whole": "“{key}” has to be a whole number.",
    "need_yes_no": "“{key}” has to be true or false, without quotes.",
    "need_date": "“{key}” has to be a day such as 2026-01-31, without quotes.",
    "need_list": "“{key}” has to be a list in square brackets.",
    "need_table": "“{key}” has to be a table with keys of its own.",
    "no_number": "“{key}” has to be a number, without quotes.",
    "not_one_of": "“{key}” cannot be “{value}”; the nearest one is “{nearest}”. It is one of: {words}.",
    "too_small": "“{key}” cannot be {value}: the least is {limit}.",
    "too_large": "“{key}” cannot be {value}: the most is {limit}.",
    "bad_value": "“{key}” cannot be used: {detail}",
    "both_languages": '“{key}” has to be in both languages: {{ zh = "…", en = "…" }}.',
    "language_missing": "“{key}” is missing in the language {language}.",
    "text_too_long": "“{key}” has {found} characters; at most {most} are allowed.",
    "long_text": "“{key}” is too long; at most {most} characters are allowed.",
    "empty_text": "“{key}” is empty.",
    "no_expression": "“{key}” has to be an expression in quotes.",
    "cadence_form": "“{value}” is no cadence. Write one of: {words}.",
    # Names
    "bad_code": "“{code}” cannot be a code: small Latin letters, digits and _ with a letter first, 2 to 24 characters.",
    "reserved_code": "“{code}” cannot be a code: names that begin with gw_ are Gridwell's own.",
    "word_code": "“{code}” cannot be a code of “{field}”: 1 to 64 characters, without a line break or a blank at an end.",
    "taken_by_view": "The kind cannot be called “{code}”: the view of the kind “{kind}” has this name.",
    "other_folder": "The folder is called “{folder}” and the pack “{code}”. Give both the same name.",
    "folder_link": "The folder “{folder}” is a link. Links are not followed: put the folder itself there.",
    "table_twice": "The kind “{kind}” would have the same table, {table}, as a kind of the pack “{pack}”. Give it another code.",
    # What one part says about another
    "unknown_department": "There is no department “{name}”; the nearest is “{nearest}”.",
    "unknown_kind": "There is no kind “{name}”; the nearest is “{nearest}”.",
    "unknown_field": "The kind “{kind}” has no field “{name}”; the nearest is “{nearest}”.",
    "unknown_indicator": "There is no indicator “{name}”; the nearest is “{nearest}”.",
    "unknown_score": "There is no score “{name}”; the nearest is “{nearest}”.",
    "unknown_colour": "There is no indicator and no score “{name}”; the nearest is “{nearest}”.",
    "unknown_figure": "There is no indicator, score or warning “{name}”; the nearest is “{nearest}”.",
    "unknown_layer": "There is no layer “{name}”; the nearest is “{nearest}”.",
    "unknown_list": "There is no list “{name}”; the nearest is “{nearest}”.",
    # Kinds and fields
    "key_twice": "“{field}” stands twice in the key of the kind “{kind}”.",
    "key_not_required": "“{field}” belongs to the key of the kind “{kind}”: it needs required = true.",
    "key_type": "“{field}” cannot belong to the key of the kind “{kind}”: the type {type} is not exact.",
    "day_type": "“{field}” cannot tell when: it is of the type {type}, and has to be of date, moment or month.",
    "day_not_required": "“{field}” tells when: it needs required = true. Records without a day would be missing in every figure.",
    "place_needs": "A place by {by} needs the key “{key}”.",
    "place_extra": "A place by {by} has no key “{key}”.",
    "place_type": "“{field}” cannot give the place: it is of the type {type}, and has to be of {wanted}.",
    "place_nowhere": "“{field}” cannot give the place: records of the kind “{kind}” have none.",
    "code_without_codes": "“{field}” is a code: list its codes, each with its words.",
    "codes_without_code": '“{field}” has codes, so it needs type = "code".',
    "codes_same_words": "The codes “{first}” and “{second}” of “{field}” have the same words: “{words}”.",
    "link_without_to": "“{field}” is a link: say to which kind, with to = …",
    "to_without_link": '“{field}” leads to a kind, so it needs type = "link".',
    "link_many_keys": "“{field}” cannot lead to the kind “{kind}”: its key has {found} fields, and a link is one text.",
    "link_circle": "Links go in a circle: {circle}.",
    "limits_no_number": "“{field}” has min or max, but is of the type {type}: only numbers have limits.",
    "min_over_max": "“{field}” can never be right: its min {min} is above its max {max}.",
    "same_name": "The fields “{first}” and “{second}” of the kind “{kind}” have the same name: “{words}”.",
    # Feeds
    "feed_needs_field": "The feed has no column for “{field}”, which is required in the kind “{kind}”.",
    "feed_dates": "The feed ends on {end}, before it begins on {start}.",
    "transport_needs": "The transport {by} needs the key “{key}”.",
    "transport_extra": "The transport {by} has no key “{key}”.",
    "source_key": "“{key}” cannot stand in the source of a feed: the feed itself says it, or its transport.",
    "files_outside": "“{files}” leads out of the feed's folder. Write a file name, with * where it changes.",
    "url_form": "“{url}” is no address with https://, or has a password in it.",
    "url_inside": "“{host}” is an address inside this machine or network. Feeds are pulled from there only if {setting} allows it.",
    "query_form": "The query has to be one statement that begins with SELECT or WITH.",
    # Figures, scores, warnings
    "score_of_person": "Nothing of the kind “{kind}” is ever scored: its subject is {subject}, not organisation, place or category.",
    "score_no_link": "The kind “{of}” has no link to the kind “{kind}”: its records cannot be counted for its score.",
    "score_many_links": "The kind “{of}” has {found} links to the kind “{kind}”: it is not clear whose score its records are counted for.",
    "score_no_day": "The kind “{of}” has no day: a score is of a period. Say which field tells when, with day = …",
    "levels_order": "The levels have to rise: high below medium, medium below watch, and watch not above begins_at.",
    "expression": "“{key}”: {error}",
    "indicator_secret": "“{field}” is {class_} and cannot be counted: figures are shown to everybody who sees the map.",
    # Shown to people
    "layer_needs": "A layer of {as_} needs the key “{key}”.",
    "layer_no_place": "Records of the kind “{kind}” have no place and cannot be on the map.",
    "layer_person": "A person is never a mark on the map: “{kind}” leads to a person. Show it as areas.",
    "layer_areas_score": "“{name}” is a score of single records; areas are coloured by an indicator.",
    "layer_closed_field": "“{field}” is {class_} and cannot stand in a layer, which is drawn for everybody who sees the map.",
    "public_closed_field": "“{field}” is {class_} and can never be public.",
    "public_some_see": "“{field}” is only for some departments (sees) and cannot be public.",
    "public_person": "Records of the kind “{kind}” are about a person and are never public.",
    # Departments
    "department_twice": "The department “{code}” stands here twice.",
    "short_twice": "Two departments have the short name “{words}”.",
}

FILE = "pack.toml"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        file: the file's name.
        line: its line, counted from 1.
        code: which fault it is, a key of ``FAULT_SENTENCES``.
        facts: what the sentence names; one that has ``tell(lang)`` is told in the reader's language.
    """

    file: str
    line: int
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """File and line as editors understand them."""
        return f"{self.file}:{self.line}"

    def tell(self, lang: str) -> str:
        """The sentence in ``lang``, without file and line."""
        return t(lang, FAULT_SENTENCES[self.code], **{name: told_fact(fact, lang) for name, fact in self.facts.items()})

    def describe(self, lang: str) -> str:
        """File, line and sentence."""
        return f"{self.where}: {self.tell(lang)}"


_LONGEST = 200


def told_fact(fact: object, lang: str) -> object:
    """A fact of a sentence: told in the reader's language if it can be, otherwise as it is, on one line and not long."""
    tell = getattr(fact, "tell", None)
    if tell is not None:
        return tell(lang)
    if not isinstance(fact, str):
        return fact
    return as_one_line(fact if len(fact) <= _LONGEST else fact[: _LONGEST - 1] + "…")


class PackRefused(GridwellError):
    """A pack that cannot be used; ``faults`` say why, in the order of their lines."""

    status, code, sentence = 422, "pack_refused", "The pack in {folder} cannot be used; faults: {count}."

    def __init__(self, folder: str, faults: list[Fault]) -> None:
        super().__init__(folder=folder, count=len(faults))
        self.faults = sorted(faults, key=lambda fault: (fault.file, fault.line))
