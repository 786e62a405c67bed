"""Tables of records, one for each kind of a pack: made from its declaration, changed with it, read through views that keep rights."""
