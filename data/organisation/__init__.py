"""Who handles cases: departments with their units, who works in them, and the rules that send a case to one of them."""
