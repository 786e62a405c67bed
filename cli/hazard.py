"""``./gridwell hazard FILE…``: takes over notices of hazards that were carried in as files."""

import argparse
import sys
from pathlib import Path

from cli._terminal import complain, error_sentence, language, say
from data.core.i18n import t

NAME = "hazard"
HELP = "Take over notices of hazards (CAP 1.2 files), which walls then show (docs/wall.md)."
DONE, REFUSED = 0, 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CAP 1.2 as XML; - for standard input")
    parser.add_argument("--city", metavar="CODE", help="code of the city; needed where there are several")


def run(args: argparse.Namespace) -> int:
    """Take each file over for itself; 2 where one could not be taken."""
    from data.core.errors import GridwellError
    from data.database.connections import connect
    from data.hazards.cap import read_cap
    from data.hazards.model import BadNotice
    from data.hazards.taking import find_city, take_as_owner
    from data.hazards.xml_tree import MOST_BYTES

    lang, ended = language(), DONE
    with connect() as connection:
        city = find_city(connection, args.city)
        for file in args.files:
            try:
                with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
                    notice = read_cap(stream.read(MOST_BYTES + 1))
                taken = take_as_owner(connection, city, notice)
                connection.commit()
            except (BadNotice, OSError) as error:
                connection.rollback()
                told = error_sentence(error) if isinstance(error, GridwellError) else (error.strerror or type(error).__name__)
                complain(f"{file}: {told}")
                ended = REFUSED
                continue
            sentences = {
                "taken": t(lang, "taken over; earlier notices that end: {ended}", ended=taken["ended"]),
                "known": t(lang, "known already"),
                "replaced": t(lang, "taken over, but a later notice had replaced it"),
                "outside": t(lang, "not about this city; earlier notices that end: {ended}", ended=taken["ended"]),
            }
            say(f"{file}: {sentences[taken['result']]}")
    return ended
