"""How the rows of each subject are read into the schema: one file per subject."""
