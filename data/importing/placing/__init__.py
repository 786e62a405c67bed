"""Where everything belongs: the tree of areas, grid cells, homes, and the cell that holds a point."""
