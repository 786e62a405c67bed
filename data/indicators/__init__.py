"""Indicators: what is counted of cases, for whom, and in which period; see docs/indicators.md."""
