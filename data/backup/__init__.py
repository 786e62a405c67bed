"""Back up and restore: the dump, the copy of the cluster for a moment in time, the manifest, and what proves that a backup can be used.

``create.create_backup`` and ``restore.restore_backup`` are the two things that commands call.
"""
