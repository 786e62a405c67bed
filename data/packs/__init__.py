"""Theme packs: what a department's data is, where it comes from and what follows from it, declared in a file instead of written as code."""
