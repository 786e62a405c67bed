"""What statistics say of counts, shares and times: pure functions of numbers."""
