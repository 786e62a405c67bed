"""The statements of migration 0034: how near cases are likely the same, and what photos look like."""

from data.migrations.attachments_0026 import make_note_upload

_BEFORE, _AFTER = make_note_upload(with_looks=False), make_note_upload(with_looks=True)
_GRANTED = "REVOKE ALL ON FUNCTION note_upload({0}) FROM PUBLIC", "GRANT EXECUTE ON FUNCTION note_upload({0}) TO gridwell_cases"
_ARGUMENTS = "text, text, integer, integer, integer, integer, double precision, double precision"

UPGRADE = (
    # Of every city; a city may have others, for all or for some categories.
    "INSERT INTO duplicate_rule (city, category, radius_m, days) VALUES (NULL, NULL, 80, 14)",
    "GRANT SELECT ON duplicate_rule TO gridwell_cases",
    f"DROP FUNCTION note_upload({_ARGUMENTS})",
    _AFTER,
    *(statement.format(f"{_ARGUMENTS}, bigint") for statement in _GRANTED),
)
DOWNGRADE = (
    f"DROP FUNCTION note_upload({_ARGUMENTS}, bigint)",
    _BEFORE,
    *(statement.format(_ARGUMENTS) for statement in _GRANTED),
)
