"""The fixed terms that are stored in columns: levels, channels, stages."""

LEVELS = ("city", "district", "street", "community", "grid")
"""Levels of the tree, from the root down. A city may leave some out. ``zone`` (functional zone) is outside this order."""

MARGIN_LEVELS = ("city", "district", "street", "zone")
"""Levels whose areas also hold sums over all categories, over all channels, and over both; at lower levels most such rows would save
nothing.
"""

TOTAL_LEVELS = (*MARGIN_LEVELS, "community")
"""Levels whose areas hold the sum over both: one row for each day, however many cases. This helps maps of a district with a hundred
communities.
"""

CHANNELS = (
    "grid_worker",
    "hotline",
    "public",
    "building_head",
    "video",
    "sensor",
    "superior",
    "media",
    "business_system",
    "database_mirror",
    "self_declared",
    "other",
)
"""The channel of a report (来源)."""

PROACTIVE_CHANNELS = ("grid_worker", "building_head", "video", "sensor")
"""Channels of cases that the city found itself, without a complaint (主动发现)."""

OWN_SOURCE = "gridwell"
"""Key of the source of cases that are reported here."""

OPEN_STAGES = ("reported", "filed", "dispatched", "in_progress", "feedback")
CLOSED_STAGES = ("closed", "evaluated")
OTHER_ENDS = ("void", "duplicate", "not_responsible", "referred")
STAGES = OPEN_STAGES + CLOSED_STAGES + OTHER_ENDS

DEADLINE_STATES = ("overdue", "amber", "paused", "on_time")
"""The deadline states of an open case."""

SUBJECTS = ("areas", "population", "buildings", "incidents", "facilities", "base", "hazards")
"""The subjects of a city's data; each has a separate version."""

AMBER_SHARE = 0.75
"""An open case turns amber after this share of the allowed time."""
