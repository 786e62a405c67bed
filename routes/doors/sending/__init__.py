"""The pages of schedules of reports, and of the link that confirms."""
