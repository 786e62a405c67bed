"""The statements of migration 0041: remark templates may have an English text, and heads of units are seen as their names are."""

from data.migrations.telephones_0036 import UPGRADE as _THEN

_OLD, _NEW = "add_remark_template(text, text, text)", "add_remark_template(text, text, text, text)"
_FIRST = next(one for one in _THEN if one.strip().startswith("CREATE FUNCTION add_remark_template"))
_ADD = (
    _FIRST.replace("of_text text)", "of_text text, of_english text)")
    .replace("(city, step, text, account)", "(city, step, text, text_en, account)")
    .replace("of_step, of_text, ", "of_step, of_text, nullif(of_english, ''), ")
)


def _granted(function: str) -> tuple[str, str]:
    return f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC", f"GRANT EXECUTE ON FUNCTION {function} TO gridwell_cases"


UPGRADE = (
    "GRANT SELECT (head, head_en) ON unit TO gridwell_figures",
    f"DROP FUNCTION {_OLD}",
    _ADD,
    *_granted(_NEW),
)
DOWNGRADE = (f"DROP FUNCTION {_NEW}", _FIRST, *_granted(_OLD), "REVOKE SELECT (head, head_en) ON unit FROM gridwell_figures")
