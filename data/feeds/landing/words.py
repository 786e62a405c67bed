"""Why a row of a delivery, or a whole delivery, cannot be used: codes that are kept, and their sentences, told when somebody reads them."""

from collections.abc import Mapping

from data.core.i18n import t
from data.core.text import as_one_line
from data.importing.common.sentences import SENTENCES

MASK = "•••"
"""Stands for a value that not everybody may see."""

ROW_FAULT_SENTENCES = {
    "no_value": "“{column}” is empty, but needed.",
    "below_least": "“{column}”: {value} is below {least}.",
    "above_most": "“{column}”: {value} is above {most}.",
    "unknown_code": "“{column}”: “{value}” is none of the codes: {codes}",
    "no_yes_or_no": "“{column}”: “{value}” is neither a yes nor a no.",
    "bad_month": "“{column}”: “{value}” is not a month.",
    "unknown_record": "“{column}”: there is no record “{value}” of the kind “{kind}”.",
    "unknown_building": "“{column}”: no building has the key or the address “{value}”.",
    "several_places": "“{column}”: buildings with the address “{value}” stand in several places.",
    "unknown_area_code": "“{column}”: no area of the city has the code “{value}”.",
    "outside_city": "The point lies outside the city.",
    "key_again": "The key occurred before in this file, in line {first}.",
    "key_later": "The key occurs again in this file, in line {first}; that row counts.",
}
PROBLEM_SENTENCES = {
    "feed_gone": "The feed is no longer declared, so that nobody knows what its files hold.",
    "no_column": "The feed fills no field of “{kind}”.",
    "program_fault": "The program failed while it took the delivery in ({fault}). Nothing of it was taken.",
    "rule_unusable": "The rule “{rule}” cannot be asked of the rows: {detail}",
    "too_many_rejects": "{rejected} of {read} rows cannot be used, and {allowed} are allowed.",
}


def tell_row(reason: str, facts: Mapping[str, object], lang: str) -> str:
    """Why a row was rejected, as a sentence; file and line stand beside it."""
    if reason in ROW_FAULT_SENTENCES:
        return t(lang, ROW_FAULT_SENTENCES[reason], **_plain(facts))
    return _told_by_import(reason, facts, lang)


def tell_problem(problem: Mapping[str, object], lang: str) -> str:
    """Why a whole delivery could not be taken, as a sentence; ``problem`` is what ``feed_delivery`` keeps."""
    code, facts = str(problem.get("code")), problem.get("facts")
    told = facts if isinstance(facts, Mapping) else {}
    if code in PROBLEM_SENTENCES:
        return t(lang, PROBLEM_SENTENCES[code], **_plain(told))
    return _told_by_import(code, told, lang)


def _told_by_import(code: str, facts: Mapping[str, object], lang: str) -> str:
    """Files are read by the importer, and so are its sentences."""
    sentence = SENTENCES.get(code)
    if sentence is None:
        return code
    return t(lang, sentence, **{"file": "", "line": "", "column": "", "value": "", **_plain(facts)})


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: as_one_line(value) if isinstance(value, str) else value for name, value in facts.items()}
