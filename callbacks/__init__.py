"""What happens when a person acts on the page? Thin functions: parse, call, return."""

from dash import Dash

from callbacks import client, drill, people, search, show
from callbacks.current_viewer import ViewerOf


def register(app: Dash, viewer_of: ViewerOf) -> None:
    """Register every callback with an app."""
    show.register(app, viewer_of)
    drill.register(app, viewer_of)
    search.register(app, viewer_of)
    people.register(app, viewer_of)
    client.register(app)
