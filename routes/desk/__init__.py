"""The desk: the list of cases, and one case with its next steps. The page asks the machine door for everything that it shows."""
