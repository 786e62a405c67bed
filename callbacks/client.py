"""What the browser does by itself; the functions are in ``assets/page/``."""

from dash import ClientsideFunction, Dash, Input, Output

from pages import ids


def register(app: Dash) -> None:
    """Wire them."""
    wired = (("shown", Input(ids.SHOWN, "data")), ("drawn", Input(ids.SPEC, "data")), ("moved", Input(ids.CAMERA, "data")))
    for name, asked in wired:
        app.clientside_callback(ClientsideFunction("gridwell", name), Output(ids.MAP, f"data-{name}"), asked)  # type: ignore[no-untyped-call]
