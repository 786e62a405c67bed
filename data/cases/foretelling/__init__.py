"""What becomes of a case that is not filed yet: the same judgement as filing it, without writing anything."""
