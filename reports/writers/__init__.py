"""Writers: one file for each form in which a report leaves the house."""
