"""The data hub, for those to whom it is open."""

from data.core.viewer import Viewer

HUB = "/hub"


def may_open_hub(viewer: Viewer) -> bool:
    """Whether the data hub is open to a viewer: to whoever may see single cases, and to leaders; not to devices."""
    return viewer.may("password") and (viewer.detail in ("cases", "people") or viewer.role == "leader")
