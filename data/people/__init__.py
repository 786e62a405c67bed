"""The register of people, for those who may see it."""
