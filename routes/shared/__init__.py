"""Code that several routes share: cookies, tokens of forms, language, answers that browsers may keep."""
