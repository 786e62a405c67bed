"""What happens when a person acts? Thin: parse, call, return."""
