"""Numbers of the advisory locks that Gridwell's processes share in one database. No two things may use the same number."""

MIGRATING = 7411001
LOADING = 7411002
"""Held while areas, or many rows at once, are changed."""
IMPORTING = 7411003
"""With the number of a run: held while that import goes on."""
TICKING = 7411004
"""Held by the one process that updates the deadlines of live cities."""
VERSIONING = 7411005
"""Held while something gets a new version, until that is committed."""
NUMBERING = 7411006
"""Held while new kinds of incidents get their numbers, until that is committed."""
AUDITING = 7411007
"""Held while a row is added to the audit log, by ``audit_append`` itself."""
RESEALING = 7411008
"""Held while all sealed data are sealed again with a new key."""
ADMINISTERING = 7411009
"""Held while an account is changed or closed, until that is committed: the last two administrators cannot close each other at once."""
ASKING_REPORTS = 7411051
"""With the hash of an account: held while a report is asked for; see ``report_limited`` of migration 0047."""
ATTACHING = 7411050
"""With the hash of a file: held while its row is written, and while it is deleted; see ``note_upload`` and ``data.upkeep.attachments``."""
SEQUENCING = 7411012
"""Held by the one process that numbers live events in the order of their commits."""
WRITING_CASES = 7411010
"""Held by the one process that writes steps of cases."""
CHANGING_RULES = 7411014
"""Held by the one process that changes rules that people ask for."""
KEEPING_WALLS = 7411015
"""Held by the one process that watches screens of walls, and lets cases break into their tours."""
SENDING_REPORTS = 7411016
"""Held by the one process that begins runs of schedules of reports, and sends what was made."""
KEEPING_FEED_DAYS = 7411018
"""Held by the one process that writes the days of feeds."""
LANDING_FEEDS = 7411017
"""Held by the one process that takes deliveries of feeds in."""
SENDING = 7411013
"""Held by the one process that sends notices."""
