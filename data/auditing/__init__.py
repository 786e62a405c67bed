"""What becomes of the audit log once it is written: verified, read, exported; ``data.auditing.audit_log`` writes it."""
