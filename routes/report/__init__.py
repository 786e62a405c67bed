"""Reports: asked for, read, issued and corrected."""
