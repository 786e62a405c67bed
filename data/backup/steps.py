"""What is told while a backup or a restore is under way."""

STEP_TITLES = {
    "waiting": "An import is running: waiting for its end …",
    "no_archive": "GRIDWELL_ARCHIVE is set, but the cluster does not archive yet: restart Gridwell, and make another backup then.",
    "writing": "Writing the backup …",
    "copying": "Copying the cluster, from which any later moment can be reached …",
    "scratch": "Restoring it into a scratch database …",
    "scratch_copy": "Trying the copy of the cluster …",
    "examining": "Examining what was restored …",
    "comparing": "Comparing every file of the backup with its manifest …",
    "restoring": "Restoring it beside the present data …",
    "replaying": "Replaying the archive …",
    "exchanging": "Putting it in the place of the present data …",
}
"""Sentences by step."""
