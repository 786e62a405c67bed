"""``./gridwell import PROFILE.toml [FOLDER]``: loads a city from published files."""

import argparse
from pathlib import Path

from cli._terminal import language, say
from data.core.i18n import t

NAME = "import"
NEEDS_KEYS = True
HELP = "Import a city from its files, as a profile describes them: areas, cases, buildings, the register of people … (docs/import.md)."

DONE, REFUSED = 0, 2
PROFILES = Path(__file__).resolve().parent.parent / "data" / "profiles"


class _Template(argparse.Action):
    """Prints a profile block for a register, and exits."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from data.importing.profile.headings import write_template

        say(write_template().rstrip())
        parser.exit()


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("profile", metavar="PROFILE.toml", help="the profile, or the bare name of one that comes with Gridwell")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="folder of the files; by default the profile's own")
    parser.add_argument("--dry-run", action="store_true", help="read and check everything, load nothing")
    parser.add_argument("--again", action="store_true", help="read the files again even if they have not changed since the last import")
    parser.add_argument(
        "--max-rejected", metavar="N|P%", help="rows of each source that may be left out (a number, or a share such as 2%%)"
    )
    parser.add_argument("--template", action=_Template, nargs=0, help="print a [[people]] block with the usual headings, and end")
    parser.add_argument("--lang", choices=("zh", "en"), help="language of the sentences; by default the terminal's")


def find_profile(name: str) -> Path:
    """The profile's path: the given one, or one of the profiles that come with Gridwell."""
    given = Path(name)
    own = PROFILES / f"{name.removesuffix('.toml')}.toml"
    return own if not given.exists() and given.parent == Path() and own.exists() else given


def run(args: argparse.Namespace) -> int:
    """Import, and print the result for every file."""
    import psycopg

    from data.importing.common.sentences import ImportRefused
    from data.importing.profile.profile import load_profile
    from data.importing.profile.source import allowed_rows
    from data.importing.run import Order, import_city
    from data.importing.run_records import describe_breakdown

    lang = args.lang or language()
    path = find_profile(args.profile)
    try:
        if args.max_rejected is not None:
            allowed_rows(args.max_rejected, 100)
        profile = load_profile(path)
    except ImportRefused as refused:
        return _refuse([told.tell(lang) for told in refused.sentences], lang)
    except ValueError:
        return _refuse([t(lang, "--max-rejected takes a number or a share such as 2%, not “{value}”.", value=args.max_rejected)], lang)
    if args.folder is None and path.parent == PROFILES:
        return _refuse([t(lang, "Say where the files are: ./gridwell import {profile} FOLDER", profile=path.stem)], lang)
    folder = (args.folder or path.parent).resolve()
    order = Order(profile, path.name, folder, dry_run=args.dry_run, again=args.again, max_rejected=args.max_rejected, lang=lang)
    try:
        outcome = import_city(order)
    except psycopg.Error as error:
        return _refuse([describe_breakdown(error).tell(lang)], lang)
    return _tell(outcome, lang)


def _refuse(sentences: list[str], lang: str) -> int:
    for sentence in sentences:
        say(sentence)
    say(t(lang, "The import was not made; the data is as it was."))
    return REFUSED


def _tell(outcome: object, lang: str) -> int:
    from data.importing import report
    from data.importing.common.account import read_account, tell_where
    from data.importing.run import Outcome

    assert isinstance(outcome, Outcome)  # noqa: S101  kept light: the type is imported late
    account = read_account(outcome.report if outcome.same_as is None else {}, lang)
    for block in (
        report.format_table(account, lang, loaded=outcome.outcome in ("loaded", "unchanged")) if account.files else [],
        report.format_repairs(account, lang),
        report.format_remarks(account, lang, outcome.run),
    ):
        for line in block:
            say(line)
        if block:
            say("")
    if outcome.outcome == "failed":
        sentences = [told.tell(lang) for told in outcome.refusals]
        lines = [*sentences[: report.SHOWN], *report.format_rejects(outcome.unforgiven, lang)]
    else:
        ending = "same" if outcome.same_as is not None else outcome.outcome
        lines = [t(lang, ENDINGS[ending], seconds=f"{outcome.seconds:.1f}", run=outcome.run, before=outcome.same_as)]
    if outcome.rejects_file is not None:
        lines.append(t(lang, "Rows that were not loaded, with reasons: {path}", path=outcome.rejects_file))
    lines.append(tell_where(outcome.run, lang))
    if outcome.outcome == "failed":
        return _refuse(lines, lang)
    for line in lines:
        say(line)
    return DONE


ENDINGS = {
    "loaded": "Loaded in {seconds} s (run {run}).",
    "unchanged": "Nothing has changed since the last import; the data was left alone (run {run}, {seconds} s).",
    "same": "Files and profile are those of run {before}: nothing had to be read, the data was left alone (run {run}, {seconds} s). "
    "--again reads them anyway.",
    "dry_run": "Dry run: everything was read and checked, nothing was loaded (run {run}, {seconds} s).",
}
