"""The private PostGIS cluster in the state folder: on a Unix socket, no port, no password.

The rest of the code uses ``lease.borrow_cluster()``: the cluster runs while any process borrows it.
"""
