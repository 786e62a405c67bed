"""Photos of cases: which blurred one stands for which."""
