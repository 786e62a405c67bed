"""What is drawn? One file per map layer: from rows to a plain specification with legend and tooltip."""
