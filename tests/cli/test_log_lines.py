"""Lines of the server's log carry their time with its zone, and their level; a command's complaints stay plain sentences."""

import re
import subprocess
import sys
import textwrap

from serving import ROOT

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"


def said(script: str) -> list[str]:
    environment = {"PYTHONPATH": str(ROOT), "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"}
    answer = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return answer.stderr.splitlines()


def test_a_server_s_lines_are_stamped() -> None:
    lines = said("""
        import logging
        from cli._serving.log_lines import configure_logging
        from cli._terminal import complain
        configure_logging("info")
        complain("50% of it failed")
        logging.getLogger("data.upkeep.clock").info("a step")
        logging.getLogger("some.library").info("not wanted")
        logging.getLogger("some.library").error("wanted")
        try:
            raise ValueError("the reason")
        except ValueError:
            logging.getLogger("routes.errors").exception("it failed")
    """)
    first = [line for line in lines if re.match(STAMP, line)]
    assert [line.split(" ", 1)[1] for line in first] == [
        "WARNING gridwell: 50% of it failed",
        "INFO data.upkeep.clock: a step",
        "ERROR some.library: wanted",
        "ERROR routes.errors: it failed",
    ]
    assert all("+08:00" in line for line in first), "the zone of the machine"
    assert lines[-1] == "    ValueError: the reason", "why something failed is never left out"


def test_no_stranger_writes_a_line_of_its_own() -> None:
    lines = said("""
        import logging
        from cli._serving.log_lines import configure_logging
        configure_logging("info")
        forged = "/x\\n2026-11-29T00:00:00.000+08:00 INFO data.upkeep.clock: all is well\\x1b[2J\\x85\\u2028end"
        try:
            raise ValueError(forged)
        except ValueError:
            logging.getLogger("routes.errors").exception("%s %s", "GET", forged)
    """)
    first, *traceback = lines
    assert first.endswith(
        "ERROR routes.errors: GET /x 2026-11-29T00:00:00.000+08:00 INFO data.upkeep.clock: all is well\ufffd[2J\ufffd\ufffdend"
    )
    assert len(traceback) > 2 and all(line.startswith("    ") for line in traceback)
    assert traceback[-1] == "    2026-11-29T00:00:00.000+08:00 INFO data.upkeep.clock: all is well\ufffd[2J\ufffd\ufffdend"


def test_the_setting_says_what_is_written() -> None:
    lines = said("""
        import logging
        from cli._serving.log_lines import configure_logging
        configure_logging("error")
        logging.getLogger("data.upkeep.clock").warning("not wanted")
        logging.getLogger("some.library").warning("not wanted")
        logging.getLogger("data.upkeep.clock").error("wanted")
    """)
    assert len(lines) == 1 and lines[0].endswith("ERROR data.upkeep.clock: wanted")


def test_a_command_complains_in_one_plain_sentence() -> None:
    assert said("from cli._terminal import complain; complain('No.')") == ["gridwell: No."]
