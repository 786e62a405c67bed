"""What changes while people look: versions of the data, and the news of them."""
