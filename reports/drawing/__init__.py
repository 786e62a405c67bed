"""Drawing for reports: charts, letters and colours as vectors."""
