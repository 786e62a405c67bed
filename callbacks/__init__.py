"""What happens when a person acts? Thin: parse, call, return."""

from dash import Dash

from callbacks import client, drill, people, search, show
from callbacks.current_viewer import ViewerOf


def register(app: Dash, viewer_of: ViewerOf) -> None:
    """Wire every callback to an app."""
    show.register(app, viewer_of)
    drill.register(app, viewer_of)
    search.register(app, viewer_of)
    people.register(app, viewer_of)
    client.register(app)
