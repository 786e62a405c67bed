"""The actions of the audit log: a name for people, and groups to choose from."""

from collections.abc import Mapping

ACTION_TITLES: Mapping[str, str] = {
    "sign_in": "Signed in",
    "sign_in_half": "Gave the password, the second factor is still wanted",
    "sign_in_failed": "Could not sign in",
    "entry_failures": "Counted tries to get in that failed",
    "sign_out": "Signed out",
    "sign_out_everywhere": "Was signed out everywhere",
    "session_ended": "Ended a session",
    "reveal_person": "Opened a person's record in full",
    "reveal_reporter": "Opened a reporter's name and number",
    "reveal_head": "Opened the number of an area's head",
    "reveal_unit": "Opened the number of a unit",
    "search_people": "Searched for people",
    "list_people": "Looked at a list of people",
    "access_record": "Made an access record",
    "export": "Exported",
    "account_added": "Added an account",
    "account_changed": "Changed an account's rights",
    "account_disabled": "Closed an account",
    "account_enabled": "Opened an account again",
    "account_removed": "Removed an account",
    "password_changed": "Changed a password",
    "second_factor_on": "Turned the second factor on",
    "second_factor_off": "Turned the second factor off",
    "recovery_codes_made": "Made recovery codes",
    "recovery_code_used": "Used a recovery code",
    "link_made": "Made a one-time link",
    "token_made": "Made a token",
    "token_withdrawn": "Withdrew a token",
    "import": "Imported data",
    "configuration": "Started with other settings",
    "keys_rotated": "Sealed everything with a new key",
    "keys_lost": "Deleted what was sealed with lost keys",
    "log_restored": "Restored the database from a backup",
    "retention": "Deleted data whose retention period is over",
    "retention_failed": "Could not delete data whose retention period is over",
    "retention_held": "Waits for a confirmation before data is deleted",
    "clock_confirmed": "Confirmed the date of the machine",
    "rejects_deleted": "Deleted rejected rows of old imports",
    "attachments_deleted": "Deleted photos and papers of cases that ended long ago",
    "backup": "Made a backup",
    "calendar": "Changed a city's calendar or hours",
    "deadline_rules": "Changed rules of deadlines",
    "duplicate_rules": "Changed how near likely duplicates are",
    "weights": "Changed the weights of the composite score",
    "units": "Changed units and who works in them",
    "templates": "Changed remark templates",
    "routing_rules": "Changed rules of who handles cases",
    "wall_tour": "Changed the tour of a wall",
    "wall_steered": "Steered a wall",
    "wall_screen": "Changed the settings of a screen",
    "wall_screen_forgotten": "Forgot a screen and what it has shown",
    "report_issued": "Issued a report",
    "report_file": "Kept a file of an issued report",
    "report_schedule": "Changed a schedule of reports",
    "report_approved": "Let a report go out",
    "report_declined": "Kept a report from going out",
    "report_resent": "Had a report sent again",
    "report_sent": "Sent a report",
    "work_begun": "Took the first step in a city, whose figures stand for now from here on",
    "owner_rows_begin": "From here on, only the owner of the database writes rows on data and settings",
}
"""All actions, by their names in the log."""

GROUP_TITLES: Mapping[str, str] = {
    "people": "Personal data",
    "entry": "Signing in and out",
    "rights": "Accounts and rights",
    "operation": "Data and settings",
}
_ENTRY = ("sign_in", "sign_in_half", "sign_in_failed", "entry_failures", "sign_out", "sign_out_everywhere", "session_ended")
_PEOPLE = ("reveal_person", "reveal_reporter", "reveal_head", "reveal_unit", "search_people", "list_people", "access_record", "export")
RETENTION = ("retention", "retention_failed", "retention_held", "clock_confirmed", "rejects_deleted", "attachments_deleted")
"""Actions of the retention job."""
_OPERATION = (
    "import",
    "configuration",
    "keys_rotated",
    "keys_lost",
    "log_restored",
    "owner_rows_begin",
    "backup",
    "calendar",
    "deadline_rules",
    "duplicate_rules",
    "weights",
    "units",
    "routing_rules",
    "templates",
    "wall_tour",
    "wall_steered",
    "wall_screen",
    "wall_screen_forgotten",
    "report_issued",
    "report_file",
    "report_schedule",
    "report_approved",
    "report_declined",
    "report_resent",
    "report_sent",
    "work_begun",
    *RETENTION,
)
GROUPS: Mapping[str, tuple[str, ...]] = {
    "people": _PEOPLE,
    "entry": _ENTRY,
    "rights": tuple(action for action in ACTION_TITLES if action not in {*_PEOPLE, *_ENTRY, *_OPERATION}),
    "operation": _OPERATION,
}


def group_of(action: str) -> str:
    """The group of an action; an unknown one is an operation."""
    return next((group for group, actions in GROUPS.items() if action in actions), "operation")
