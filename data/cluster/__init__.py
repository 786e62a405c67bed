"""The private PostGIS cluster in the state folder: on a Unix socket, no port, no password.

``lease.borrowed()`` is what the rest of the code uses: the cluster runs while anybody borrows it.
"""
