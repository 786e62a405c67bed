"""What the browser does by itself; the functions are in ``assets/scripts/page/callbacks.js``."""

from dash import ClientsideFunction, Dash, Input, Output

from pages import ids


def register(app: Dash) -> None:
    """Wire them."""
    wired = {"shown": (ids.SHOWN, ids.SPEC), "moved": (ids.CAMERA,), "goal": (ids.GOAL,)}
    for name, stores in wired.items():
        asked = [Input(store, "data") for store in stores]
        app.clientside_callback(ClientsideFunction("gridwell", name), Output(ids.MAP, f"data-{name}"), asked)  # type: ignore[no-untyped-call]
    # The field's own delay puts the caret back a moment late: on a slow machine letters change places.
    typed = Input(ids.SEARCH, "value")
    settled = ClientsideFunction("gridwell", "settled")
    app.clientside_callback(settled, Output(ids.SOUGHT, "data"), typed, prevent_initial_call=True)  # type: ignore[no-untyped-call]
