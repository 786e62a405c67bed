"""The basis of all other packages: settings, errors, roles, viewers, languages, periods. It uses no database and no geometry."""
