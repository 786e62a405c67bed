"""Notices of hazards (预警): CAP 1.2 from authorities, the areas that they name, and what walls show of them."""
