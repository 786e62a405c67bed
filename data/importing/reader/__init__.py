"""Foreign files are parsed here, in a process that can open, send and start nothing.

``client`` asks for a file, ``process`` is the other side, ``system_calls`` is what keeps it in, ``frames`` is what comes back.
"""
