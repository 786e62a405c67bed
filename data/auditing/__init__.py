"""The audit log: ``data.auditing.audit_log`` writes it; the other modules verify, read and export it."""
