"""The sentences of an import: reasons for rejects, repairs and refusals, each with one sentence.

The keys are the short codes kept in ``reject.reason`` and in the report; the sentences are msgids of the catalogues.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.text import as_one_line

SENTENCES: dict[str, str] = {
    # The profile itself
    "profile_missing": "There is no profile “{path}”.",
    "profile_syntax": "{path} is not valid TOML: {detail}",
    "profile_key": "{path}: “{key}” is not a key of {where}; the nearest one is “{nearest}”.",
    "profile_needs": "{path}: {where} needs the key “{key}”.",
    "profile_value": "{path}: “{key}” in {where} cannot be used: {detail}",
    # Files
    "missing_folder": "There is no folder “{folder}”.",
    "missing_file": "{source}: no file matches “{file}” in {folder}.",
    "empty_file": "{file} is empty: it holds no rows.",
    "unpacks_to_more": "{file} unpacks to more than {most}. Unpack it yourself, look what it is, and import the file that is inside.",
    "many_members": "{file} holds {found} files; at most {most} are read.",
    "unsafe_member": "{file} holds a file called “{member}”, a name that leads out of its folder. Such an archive is not read.",
    "entities": "{file} declares entities of its own, which are not read.",
    "unknown_format": "{file} is in none of the formats that are read: {formats}; CSV, TSV, XLSX, Parquet. "
    "Formats whose files only name other files, addresses or databases are not among them.",
    "link_outside": "{file} is a link that leads out of the folder {folder}. Such links are not followed: deliver the file itself.",
    "reads_too_long": "{file} was not read within {seconds} s. Look what it is; if it is as large as that, set GRIDWELL_IMPORT_FILE_S.",
    "needs_memory": "{file} needs more than {most} of memory to be read. Set GRIDWELL_IMPORT_MEMORY_MB, or deliver the file in parts.",
    "reader_ended": "{file} cannot be read: the process that reads it ended ({ending}). "
    "Where memory was short, set GRIDWELL_IMPORT_MEMORY_MB, or deliver the file in parts.",
    "cannot_confine": "{file} was not read: files are parsed only in a process that can reach nothing else, "
    "and this system does not offer that. Missing: {missing}.",
    "many_rejects": "{file}: more than {most} rows cannot be used. The import stops here; look at the first of them.",
    "endless_row": "{file} holds a row longer than {most}.",
    "endless_sheet": "{file} holds a sheet of more than {rows} rows or {columns} columns.",
    "outside_folder": "{source}: the file name “{file}” leads out of the folder {folder}.",
    "unreadable_file": "{file} cannot be read: {detail}",
    "wrong_encoding": "{file}, line {line}, column {column}: the text is not {encoding}. Declare `encoding`; {hint} can read it.",
    "wrong_encoding_unknown": "{file}, line {line}, column {column}: the text is not {encoding}. Declare the right `encoding`.",
    "missing_column": "{file} has no column “{column}”; the nearest one is “{nearest}”. It has: {columns}",
    "ragged_line": "{file}, line {line}: {found} values, but {expected} columns. Check `delimiter` and quotes.",
    "missing_layer": "{file} has no layer “{layer}”; it has: {layers}",
    "which_layer": "{file} has several layers: {layers}. Declare `layer`.",
    "which_sheet": '{file} has several sheets with the same columns: {sheets}. Declare `sheet`, or sheet = "*" to read all of them.',
    "join_missed": "{source}: rows without a row in {file}: {missed} of {rows}; keys there that belong to no row: {unused}.",
    "join_repeats": "{file}: rows whose key occurred before: {count}; of its columns only those in sum, max and first were joined.",
    "other_sheets": "{file}: only the sheet {sheet} was read; it has other columns than {sheets}.",
    "merged_cells": "{file}: in column “{column}” merged cells (the first at {cell}) stand for several rows: "
    "rows that were given their value: {count}.",
    "merged_number": "{file}: the number in column “{column}” at {cell} stands in merged cells, for several rows at once. "
    "Unmerge them, and give every row its own number.",
    "hollow_formula": "{file}: column “{column}” holds formulas whose results are not stored (the first at {cell}). "
    "Open the file in a spreadsheet program, save it, and import it again.",
    "merged_in_ods": "{file}, sheet “{sheet}”: the cell {cell} is merged over several rows, and only its first row would be read. "
    "Save the file as .xlsx, whose merged cells are read, or unmerge them.",
    "hollow_in_ods": "{file}, sheet “{sheet}”: the cell {cell} holds a formula whose result is not stored. "
    "Open the file in a spreadsheet program, save it, and import it again.",
    "full_sheet": "{file} has exactly {rows} rows, as many as a sheet can hold: rows may be missing at its end.",
    "cut_short": "{file} does not hold everything ({sign}): the service that made it gave only a part. "
    "Download the rest, too, or all of it as one file.",
    "cut_row": "{file}, line {line}: the file ends in the middle of a row. It is not whole: download or export it again.",
    "open_quote": "{file}, line {line}: a quote is opened here and never closed, so that everything after it would be one value. "
    "Check the quotes.",
    "wrapped_list": "{file} is no list of records itself; inside it are: {lists}. Declare the one that is meant, such as {example}.",
    "web_page": "{file} is a web page and not data. If a spreadsheet program shows a table in it, save it there as .xlsx; "
    "otherwise download the data itself.",
    "old_workbook": "{file} is a workbook of the old format (.xls), which is not read. Save it in a spreadsheet program as .xlsx.",
    "locked_workbook": "{file} is protected by a password. Save it without one.",
    "no_workbook": "{file} is called a workbook, but is none. If it is text, rename it to .csv, or declare `format`; "
    "otherwise save it in a spreadsheet program as .xlsx.",
    "locked_archive": "{file} is protected by a password. Unpack it, and import the file that is inside.",
    "large_geodatabase": "{file} is a geodatabase of more than {most} files. Zip it, and name the .gdb.zip.",
    "rounded_number": "{file}, line {line}, column “{column}”: {value} has lost digits, because the file keeps it as a decimal number. "
    "Long numbers must be text there.",
    "which_member": "{file} holds several files: {members}. Unpack it, and name the one that is meant.",
    "pair_column": "{file}: column “{column}” holds two numbers, such as “{value}”. "
    'Declare lonlat = "{column}" where the longitude comes first, or latlon = "{column}" where the latitude does.',
    "no_geometry_column": "{file} has no geometry, and no columns for it were declared: set `lon` and `lat`, or `geometry`.",
    "unknown_crs": '{file} does not say its coordinate system. Declare `crs`, for example crs = "EPSG:4326".',
    "unknown_crs_degrees": "{file} does not say its coordinate system, and coordinates such as ({x}, {y}) are not degrees. Declare `crs`.",
    "bad_crs": "{source}: “{crs}” is not a coordinate system that is known here: {detail}",
    "crs_needs_file": "{source}: the coordinate system refers to a file ({grids}), which is not read. Declare `crs`, "
    'for example crs = "EPSG:4490".',
    "swapped_lonlat": "{source}: {count} of {total} rows lie in the city only when longitude and latitude are swapped. Set swap = true.",
    "wrong_datum": "{source}: the coordinates look like {datum}: {share} of {total} lie where they should, against {asis} as they stand. "
    'Set datum = "{datum}" (or datum = "wgs84" to take them as they are).',
    "datum_found": "{source}: the coordinates were read as {datum}: {share} of {total} then lie where they should, "
    "against {asis} as they stand.",
    "wrong_datum_outlines": "{source}: the outlines look like {datum}: read so, {share} of their surface agrees with what is known of the "
    'same places ({total} compared), against {asis} as they stand. Set datum = "{datum}" (or datum = "wgs84" to take them as they are).',
    "datum_found_outlines": "{source}: the outlines were read as {datum}: {share} of their surface then agrees with what is known of the "
    "same places ({total} compared), against {asis} as they stand.",
    "cell_code_taken": "The cell code “{code}” is taken already. Give [cells] another `code` than “{template}”.",
    "demo_city": "The city “{city}” is the demo city. Give the profile another code.",
    "ambiguous_date": "{file}: dates in column “{column}” such as “{value}” can be read day first or month first. Declare `date_format`.",
    "numbers_for_dates": "{file}: column “{column}” holds numbers such as {value} where dates are wanted. Declare {hint} for the column "
    "or the source, if that is what they are.",
    "ambiguous_number": "{file}: numbers in column “{column}” such as “{value}” can be read as {as_point} or as {as_comma}. "
    'Declare decimal = "." or decimal = ",".',
    "mixed_decimals": "{file}: in column “{column}” some numbers have a decimal point (“{value}”) and some a decimal comma (“{other}”). "
    'Declare decimal = "." or decimal = ","; the others are then rejected line by line.',
    "bad_timezone": "“{timezone}” is not a time zone that is known here.",
    # The tree of areas
    "no_areas": "No area of the profile has a polygon, so no row can be placed.",
    "code_taken": "The area code “{code}” already belongs to the city “{owner}”. "
    'Codes are unique: use a template such as "{city}-{{{column}}}".',
    "bad_code": "{file}, line {line}: “{value}” cannot be the code of an area. Codes are letters and digits, at most 64, "
    "with blanks and marks such as - _ . inside.",
    "duplicate_area": "{file}, line {line}: the area code “{value}” occurs twice (first as {level}). "
    "Use a template that keeps levels apart, or dissolve = true where several rows make one area.",
    "unknown_parent": "{file}, line {line}: there is no area with the code “{value}” to stand under.",
    "outside_parents": "{file}, line {line}: area “{value}” lies in none of the areas of the level above.",
    "outside_parents_mostly": "{file}, line {line}: of area “{value}” {share} lies in {parent} and {rest} outside it, "
    "but an area stands under another only with more than {least} of its surface (`inside`).",
    "outside_parents_wholly": "{file}, line {line}: area “{value}” lies wholly outside {parent}, under which its code puts it.",
    "levels_do_not_nest": "{source} does not nest in the level above. {crossing} of {total} areas cross a border; {outside} of the "
    "surface of all of them lies outside their parent. Most of all in {parent}: {beyond} of its children’s surface lies outside it, and "
    "{taken} of it belongs to the children of others. More than {most} (`nests`) gives wrong figures. There are two ways on: "
    'level = "zone" for one of the two levels, or cut = true here, which makes cells along both borders.',
    "siblings_overlap": "{source}: areas of this level overlap by {overlap} of their surface, most of all {first} and {second} "
    "({common} of the smaller one). More than {most} (`nests`) gives wrong figures. There are two ways on: "
    'level = "zone" for this level, or cut = true here, which makes cells along all borders.',
    "levels_nearly_nest": "{source}: {crossing} of {total} areas reach beyond their parent, by {outside} of the surface of all of them. "
    "Most of all in {parent}: {beyond} of its children’s surface lies outside it, and {taken} of it belongs to the children of others.",
    "people_outside": "{source}: {units} units lie partly outside the city. {people} of their people live outside and are not counted: "
    "{named}.",
    "cut_along": "{source}: cells were made along its borders.",
    "cut_slivers": "{source}: of these cells, slivers below {least} m² that went to their neighbours: {slivers} ({m2} m²).",
    "cut_gaps": "{source}: {gap} of the city lies in none of its areas.",
    "cut_overlaps": "{source}: {overlap} of the surface of its areas lies in two of them.",
    "unknown_area": "{file}, line {line}: there is no area with the code “{value}”.",
    "parent_disagrees": "{child} stands under {parent} by its code, but only {share} of its surface lies there ({other}: {other_share}).",
    "parent_disagrees_nowhere": "{child} stands under {parent} by its code, but only {share} of its surface lies there, "
    "the rest in none of that level.",
    "parent_disagrees_wholly": "{child} stands under {parent} by its code, but nothing of it lies there; "
    "{other_share} of its surface lies in {other}.",
    "parent_disagrees_away": "{child} stands under {parent} by its code, but lies in none of the areas of that level.",
    "parent_straddles": "{child} lies in several areas; it was put under {parent}, which holds {share} of it.",
    "crowded_point": "{source}: {count} of {total} rows ({share}) stand on one point ({lon}, {lat}); the next points have far fewer. "
    "If it stands for “no place known”, set unplaced = [[{lon}, {lat}]]: such cases then count for the city or for a named area, "
    "and are on no map.",
    "old_cases": "The newest case is of {day}, but the figures stand for now, so that recent periods are empty. "
    "Set as_of = {day} in [city].",
    "worked_here": "People have worked on cases of this city since {day}, so its figures stand for now. "
    "In [city], as_of only says which dates of rows lie in the future; take it out of the profile.",
    # Handlers and units
    "handlers_linked": "Cases that belong to the unit that their handler's name means: {cases} (names: {names}).",
    "units_made": "Units made of handlers' names, each valid from its first case: {count}, namely {named}. "
    "Give them departments, heads and telephones with ./gridwell units {city} --upload UNITS.csv.",
    "handlers_several": "Cases whose handler's name several units have, so that none was chosen: {cases}, by name: {named}. "
    "Say which unit is meant with ./gridwell units {city} --names NAMES.csv.",
    "handlers_held": "Cases with the name of a unit whose members would see them, which nobody allowed: {cases}, by name: {named}. "
    "If they shall, run ./gridwell units {city} --link.",
    "handlers_unknown": "Cases whose handler's name no unit has: {cases}, by name: {named}. "
    "Make units of these names with ./gridwell units {city} --link --make, or say what they mean with --names NAMES.csv.",
    "handlers_worked": "Open cases with a handler's name, no unit, and steps that people took here: {cases}. "
    "They were left as they are: dispatch them, or hand them over.",
    # Rows
    "no_value": "{file}, line {line}: column “{column}” is empty, but needed.",
    "bad_number": "{file}, line {line}, column “{column}”: “{value}” is not a number.",
    "not_whole": "{file}, line {line}, column “{column}”: “{value}” is not a whole number. If its sign stands between thousands, "
    'declare decimal = ","; if these are estimates, `round = true` for the column.',
    "bad_date": "{file}, line {line}, column “{column}”: “{value}” is not a date.",
    "future_date": "{file}, line {line}, column “{column}”: {value} lies after the moment the figures stand for.",
    "bad_text": "{file}, line {line}, column “{column}”: “{value}” is too long or holds characters that cannot be kept.",
    "duplicate_key": "{file}, line {line}, column “{column}”: the key “{value}” occurred before ({first}).",
    "superseded": "{file}, line {line}, column “{column}”: the key “{value}” occurs again later ({first}); that row counts.",
    "no_coordinates": "{file}, line {line}: there are no coordinates.",
    "bad_coordinates": "{file}, line {line}, columns “{column}”: “{value}” is not a coordinate.",
    "zero_coordinates": "{file}, line {line}: the coordinates are 0, 0.",
    "impossible_coordinates": "{file}, line {line}: ({value}) are not degrees of longitude and latitude.",
    "swapped": "{file}, line {line}: ({value}) lies in the city only when longitude and latitude are swapped.",
    "outside": "{file}, line {line}: ({value}) lies {distance} from the nearest area of the lowest level; {tolerance} are allowed.",
    "bad_geometry": "{file}, line {line}: the geometry cannot be read.",
    "empty_geometry": "{file}, line {line}: the geometry is empty.",
    "wrong_geometry": "{file}, line {line}: a {value} cannot be used here.",
    "hopeless_geometry": "{file}, line {line}: the polygon encloses nothing, even after repair.",
    "tangled_geometry": "{file}, line {line}: the outline crosses itself thousands of times.",
    "unknown_category": "{file}, line {line}, column “{column}”: no category lists “{value}”.",
    "unknown_status": "{file}, line {line}, column “{column}”: no stage lists “{value}”.",
    "unknown_channel": "{file}, line {line}, column “{column}”: no channel lists “{value}”.",
    "unknown_severity": "{file}, line {line}, column “{column}”: no severity lists “{value}”.",
    "unknown_place": "{file}, line {line}, column “{column}”: no area has the code or name “{value}”; the nearest one is “{nearest}”. "
    'Give the column a `map`, or set unknown_place = "city".',
    "ambiguous_place": "{file}, line {line}, column “{column}”: {count} areas are called “{value}”. Give their codes, by a `map`.",
    "closed_before_reported": "{file}, line {line}: closed ({value}) before it was reported.",
    "due_before_reported": "{file}, line {line}, column “{column}”: the deadline ({value}) is not after the report.",
    "closed_without_date": "{file}, line {line}: the case is closed, but has no closing date.",
    "negative_number": "{file}, line {line}, column “{column}”: {value} is below zero.",
    # People of the register: values of the file are shown masked
    "bad_id_number": "{file}, line {line}, column “{column}”: “{value}” is not the number of such a document (length, check digit or date "
    "of birth). Spreadsheets round long numbers: that column must be text.",
    "id_contradicts": "{file}, line {line}, column “{column}”: “{value}” is not what the resident card says. "
    'Correct the row, or set contradiction = "card" or "columns".',
    "bad_name": "{file}, line {line}, column “{column}”: “{value}” is not a name.",
    "impossible_birth": "{file}, line {line}, column “{column}”: the date of birth ({value}) is too long ago.",
    "unknown_sex": "{file}, line {line}, column “{column}”: “{value}” is not a known sex. Give the column a `map` to M and F.",
    "unknown_id_kind": "{file}, line {line}, column “{column}”: “{value}” is not a known kind of document. Give the column a `map`.",
    "unknown_residence": "{file}, line {line}, column “{column}”: “{value}” is not registered, floating or overseas. "
    "Give the column a `map` to these.",
    "no_home": "{file}, line {line}: neither a known building, nor the code of a cell of the lowest level, nor coordinates say where this "
    "person lives.",
    "retention_over": "{file}, line {line}, column “{column}”: the last day of this row is over; it may not come in any more.",
    "same_number": "{source}: identity numbers that stand under more than one key: {count}, in lines {lines}. Nothing was merged.",
    "same_number_held": "Identity numbers that stand more than once in the register of this city, under different keys or sources: "
    "{count}.",
    "due_before_report": "{source}: cases due at or before the moment of their report: {count} (the first in {file}, line {line}), "
    'so that nobody could keep the deadline. Set due_before_reported = "drop" to leave such deadlines out, or "reject".',
    "midnight_deadlines": "{file}: all {count} deadlines in column “{column}” are at 00:00, the beginning of a day. If days are meant, set "
    'precision = "day" for the column: they then last until the end of the day.',
    "columns_found": "{file}: columns found by their headings: {columns}",
    # Repairs: the row is kept
    "made_valid": "Invalid polygons repaired",
    "ring_closed": "Polygons whose ring was not closed, closed",
    "part_dropped": "Stray points or lines beside a polygon left out",
    "exploded": "Polygons that were split off from rows of several parts",
    "point_of_shape": "Lines and polygons replaced by a point inside them",
    "null_date": "Dates that mean “no date” treated as missing",
    "date_out_of_range": "Dates outside the declared range treated as missing",
    "invisible_left_out": "Texts that held invisible characters, read without them",
    "part_missing": "Sums left unknown because a part of them is missing",
    "rounded": "Numbers with decimals rounded to whole ones",
    "bad_value_dropped": "Values that could not be read treated as missing",
    "future_dropped": "Dates after the moment of the figures treated as missing",
    "closing_ignored": "Closing dates of cases that are not closed left out",
    "closing_moved": "Closing times before the report moved to the time of the report",
    "deadline_passed": "Cases that were due at or before their report",
    "deadline_dropped": "Deadlines at or before the report left out",
    "closing_filled": "Closed cases without closing date: another date of the row used instead",
    "category_other": "Unknown categories counted as “other”",
    "nearest_cell": "Rows outside every cell, but within tolerance of one: put into the nearest",
    "parent_by_space": "Areas without a parent's code: put under the area that holds them",
    "parent_nearest": "Areas that lie in none of the level above, put under the nearest within the metres that the profile allows",
    "partly_outside": "Areas that reach beyond the areas above them, put under the one that holds most of them",
    "derived_polygon": "Areas whose polygon was made of the areas below them",
    "unplaced_by_area": "Cases without a place, counted for the area that the row names",
    "unplaced_in_city": "Cases without a place, counted for the city",
    "datum_shifted": "Coordinates shifted from a Chinese datum to WGS 84",
    "cells_made": "Grid cells made",
    "approximated": "Areas known only by a point, given the land nearest to it",
    "point_moved": "Points of areas a little outside the area above, moved to its border",
    "point_far": "Points of areas too far outside the area above to be used",
    "point_spread": "Points of areas that share one place, set apart by some metres",
    "dissolved": "Rows joined to areas they are parts of",
    "phone_left_out": "Invalid telephone numbers left out",
    "number_left_out": "Invalid document numbers left out",
    "by_card": "Sexes and dates of birth taken from the resident card",
    "contradiction_settled": "Sexes and dates of birth that differ from the resident card, settled as the profile says",
    "home_by_next": "Unknown buildings or cells: the next entry for the home was used",
    "key_sealed": "Keys and household numbers that hold an identity or telephone number, kept as hashes",
    "people_shared": "Population shared out among grid cells",
    # The run
    "broken_off": "The import was broken off: its process ended before it did. Nothing of it was loaded.",
    "database_stopped": "The database stopped the import: {reason}",
    "stopped_by_hand": "The import was stopped by hand. Nothing of it was loaded.",
    "program_fault": "The import ended with a fault of the program ({fault}). Nothing of it was loaded.",
    "too_many": "{source}: {rejected} of {read} rows cannot be used, and {allowed} are allowed.",
}
"""Sentences by reason. Repairs are headings for a count; the others are whole sentences."""

ROW_REASONS = (
    *(
        "no_value",
        "bad_number",
        "not_whole",
        "negative_number",
        "rounded_number",
        "bad_date",
        "future_date",
        "bad_text",
        "duplicate_key",
        "superseded",
    ),
    *("no_coordinates", "bad_coordinates", "zero_coordinates", "impossible_coordinates", "swapped", "outside"),
    *("bad_geometry", "empty_geometry", "wrong_geometry", "hopeless_geometry", "tangled_geometry"),
    *(
        "unknown_category",
        "unknown_status",
        "unknown_channel",
        "unknown_severity",
        "closed_before_reported",
        "due_before_reported",
        "closed_without_date",
    ),
    *("unknown_place", "ambiguous_place"),
    *("bad_code", "duplicate_area", "unknown_parent", "outside_parents", "unknown_area"),
    *("bad_id_number", "id_contradicts", "bad_name", "impossible_birth", "unknown_sex", "unknown_id_kind", "unknown_residence"),
    *("no_home", "retention_over"),
)
"""Why a single row may be rejected; what a profile's ``allow`` may name."""

FORGIVEN = frozenset({"retention_over"})
"""Reasons that never stop an import: they arise as time passes, and nobody can correct the file."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its facts; it is translated only when somebody reads it."""

    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)
    wording: str = ""
    """Key of the sentence, where one reason has several."""

    def tell(self, lang: str) -> str:
        """The sentence in ``lang``."""
        return t(lang, SENTENCES[self.wording or self.reason], **{key: _short(value) for key, value in self.facts.items()})

    def plain_facts(self, without: Collection[str]) -> dict[str, object]:
        """The facts as texts and numbers, such as JSON can keep, except some; told with them the sentence is the same."""
        facts = {key: _short(value) for key, value in self.facts.items() if key not in without}
        return {key: value if isinstance(value, (str, int)) else str(value) for key, value in facts.items()}

    def both(self) -> dict[str, str]:
        """The sentence in both languages, for the report that is kept."""
        return {"zh": self.tell("zh"), "en": self.tell("en")}


def format_share(share: float) -> str:
    """A share (0 to 1) as a percentage that never says “0 %” of something, nor “100 %” of less than all."""
    if share <= _NOISE or share >= 1 - _NOISE:
        return "0 %" if share <= _NOISE else "100 %"
    if 0 < share < _LEAST_SHARE:
        return f"< {100 * _LEAST_SHARE:g} %"
    if 1 - _LEAST_SHARE < share < 1:
        return f"> {100 * (1 - _LEAST_SHARE):g} %"
    if 0 < share < _FINE:
        return f"{100 * share:.2g} %"
    if 1 - _FINE < share < 1:
        return f"{100 - float(f'{100 * (1 - share):.2g}'):g} %"
    return f"{100 * share:.1f} %"


_NOISE, _LEAST_SHARE, _FINE = 1e-9, 0.0001, 0.01
"""Less than the first is the rounding of doubles."""


def _short(value: object) -> object:
    """Texts on one line, long ones cut, and without anything that a terminal obeys or PostgreSQL cannot keep."""
    if not isinstance(value, str):
        return value
    return as_one_line(value if len(value) <= 300 else value[:297] + "…")


class ImportRefused(GridwellError):
    """An import that does not land; ``sentences`` say why, most telling first."""

    status, code, sentence = 422, "import_refused", "The import was not made; the data is as it was."

    def __init__(self, sentences: list[Sentence]) -> None:
        super().__init__()
        self.sentences = sentences


class FileProblem(GridwellError):
    """A whole file that cannot be used."""

    status, code, sentence = 422, "file_problem", "A file cannot be used."

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__()
        self.told = Sentence(reason, facts)
