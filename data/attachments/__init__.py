"""Photos and papers of cases: made harmless, stored outside the database under the hash of their content, seen by right only."""
