"""Reports that people ask for, and issued ones: for whom they are, the queue of the printer, and what is kept."""
