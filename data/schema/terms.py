"""The words of the trade that are stored in columns: levels, channels, stages."""

LEVELS = ("city", "district", "street", "community", "grid")
"""Levels of the tree, from the root down. A city may leave some out. ``zone`` (functional zone) stands beside them."""

MARGIN_LEVELS = ("city", "district", "street", "zone")
"""Levels whose areas also hold sums over all categories, over all channels, and over both; below them most such rows would save nothing."""

TOTAL_LEVELS = (*MARGIN_LEVELS, "community")
"""Levels whose areas hold the sum over both: a row a day, however many cases. A map of a district shows a hundred communities."""

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
"""Through which door a report came (来源)."""

PROACTIVE_CHANNELS = ("grid_worker", "building_head", "video", "sensor")
"""Found by the city itself, not by a complaint (主动发现)."""

OPEN_STAGES = ("reported", "filed", "dispatched", "in_progress", "feedback")
CLOSED_STAGES = ("closed", "evaluated")
OTHER_ENDS = ("void", "duplicate", "not_responsible", "referred")
STAGES = OPEN_STAGES + CLOSED_STAGES + OTHER_ENDS

DEADLINE_STATES = ("overdue", "amber", "paused", "on_time")
"""How an open case stands against its deadline."""

SUBJECTS = ("areas", "population", "buildings", "incidents", "facilities", "base")
"""What a city's data is about; each has a version of its own."""

AMBER_SHARE = 0.75
"""Share of the time allowed after which an open case turns amber."""
