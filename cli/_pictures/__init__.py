"""What the pictures command takes besides the pages of a desk: walls."""
