"""Callbacks that run in the browser; their functions are in ``assets/scripts/page/callbacks.js``."""

from dash import ClientsideFunction, Dash, Input, Output

from pages import ids


def register(app: Dash) -> None:
    """Register these callbacks."""
    wired = {"shown": (ids.SHOWN, ids.SPEC), "moved": (ids.CAMERA,), "goal": (ids.GOAL,)}
    for name, stores in wired.items():
        asked = [Input(store, "data") for store in stores]
        app.clientside_callback(ClientsideFunction("gridwell", name), Output(ids.MAP, f"data-{name}"), asked)  # type: ignore[no-untyped-call]
    # The field's own delay moves the caret back too late: on a slow machine typed letters would change places.
    typed = Input(ids.SEARCH, "value")
    settled = ClientsideFunction("gridwell", "settled")
    app.clientside_callback(settled, Output(ids.SOUGHT, "data"), typed, prevent_initial_call=True)  # type: ignore[no-untyped-call]
