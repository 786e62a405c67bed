"""The specification that the browser draws: layers, addresses, camera, tooltips and texts."""
