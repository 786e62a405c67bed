"""What several routes use: cookies, forms' tokens, language, answers that browsers may keep."""
