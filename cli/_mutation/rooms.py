"""The rooms with rules: where ``./gridwell test --mutants ROOM`` puts small bugs, and which tests should notice them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """Files that are changed, and the tests that should notice it.

    Attributes:
        sources: patterns of files.
        tests: arguments for pytest: quick tests first, because the first failure ends a run. Tests marked slow are left out.
        slow_tests: files whose tests are marked slow; they run only if no other test notices.
    """

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    slow_tests: tuple[str, ...] = ()


_EXPRESSIONS = ("parsing", "property", "hostile", "page", "working_days", "shipped")

ROOMS = {
    "rights": Room(
        (
            *("data/core/roles.py", "data/core/viewer.py", "data/database/lockdown.py", "data/database/server_roles.py"),
            *("data/migrations/rights_*.py", "data/migrations/people_*.py", "data/accounts/delegation.py"),
            *("routes/rights.py", "routes/middleware/guard.py", "routes/middleware/identification.py"),
        ),
        ("tests/rights", "tests/accounts/test_granting.py", "tests/routes/test_guard.py", "tests/routes/test_map_routes.py"),
        ("tests/rights/test_matrix.py",),
    ),
    "deadlines": Room(
        (
            "data/deadlines/*.py",
            "data/rollup/incident_parts.py",
            "data/rollup/incidents.py",
            "data/rollup/recount.py",
            "data/core/timezones.py",
            "data/core/period.py",
        ),
        ("tests/deadlines", "tests/rollup", "tests/core", "tests/figures", "tests/live", "tests/importing/test_crooked_city.py"),
        ("tests/rollup/test_rollup_property.py",),
    ),
    "rollup": Room(
        ("data/rollup/*.py",),
        ("tests/rollup", "tests/privacy", "tests/figures", "tests/importing/test_crooked_city.py"),
        ("tests/people/test_retention.py", "tests/rollup/test_rollup_property.py"),
    ),
    "figures": Room(
        ("data/figures/*.py", "data/queries/figures.py", "data/queries/case_circles.py"),
        ("tests/figures", "tests/pages", "tests/routes/test_api.py"),
    ),
    "privacy": Room(
        ("data/privacy/*.py", "data/rollup/household_counts.py", "data/rollup/small_counts.py", "data/rollup/shown_people.py"),
        ("tests/privacy", "tests/people"),
        ("tests/privacy/test_attacker.py", "tests/people/test_register.py"),
    ),
    "expressions": Room(("data/packs/expressions/*.py",), tuple(f"tests/packs/test_expressions_{part}.py" for part in _EXPRESSIONS)),
    "importing": Room(("data/importing/**/*.py", "data/geo/*.py"), ("tests/importing", "tests/geo")),
    "places": Room(
        ("data/places/*.py", "data/queries/tile_*.py", "data/queries/search.py"),
        ("tests/places", "tests/routes/test_map_routes.py"),
    ),
    "auditing": Room(
        ("data/auditing/*.py", "data/migrations/audit_*.py", "data/queries/audit.py"),
        ("tests/auditing",),
        ("tests/auditing/test_audit_page.py",),
    ),
    "accounts": Room(("data/accounts/*.py",), ("tests/accounts", "tests/routes/test_guard.py"), ("tests/accounts/test_oidc.py",)),
    "people": Room(
        ("data/people/*.py", "data/upkeep/*.py", "data/queries/register.py"),
        ("tests/people", "tests/rights/test_rights_functions.py", "tests/rights/test_server_roles.py"),
        ("tests/people/test_retention.py", "tests/people/test_register.py"),
    ),
    "live": Room(
        ("data/live/*.py", "data/concurrency/*.py", "data/figures/snapshot.py"),
        ("tests/live", "tests/figures", "tests/places/test_tiles.py"),
    ),
}
