"""What the browser does by itself; the functions are in ``assets/page.js``."""

from pages import ids
from dash import ClientsideFunction, Dash, Input, Output


def register(app: Dash) -> None:
    """Wire them."""
    app.clientside_callback(ClientsideFunction("gridwell", "shown"), Output(ids.MAP, "data-shown"), Input(ids.SHOWN, "data"))
    app.clientside_callback(ClientsideFunction("gridwell", "drawn"), Output(ids.MAP, "data-drawn"), Input(ids.SPEC, "data"))
    app.clientside_callback(ClientsideFunction("gridwell", "moved"), Output(ids.MAP, "data-moved"), Input(ids.CAMERA, "data"))
