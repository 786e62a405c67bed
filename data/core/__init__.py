"""What every other room stands on: settings, errors, roles, viewers, languages, periods. No database, no geometry."""
