"""What is printed: reports for leaders, composed of sections, then written as PDF, DOCX or XLSX, or shown on the page."""
