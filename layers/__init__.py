"""What is drawn on the map? One file per layer turns rows into a plain specification with legend and tooltip."""
