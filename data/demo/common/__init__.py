"""What every part of the demo city uses: its plane and dice, its sizes, its names, its categories."""
