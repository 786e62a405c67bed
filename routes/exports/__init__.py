"""What leaves the product as a file? Tables of answers of the machine door, each with what was asked, and a row of the audit log."""
