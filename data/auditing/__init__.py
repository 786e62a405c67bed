"""What becomes of the audit log once it is written: verified, read, exported; ``data.audit`` writes it."""
