# Transmission as peers with a shared file; the tracker is a few lines of Python.
exec $PY $ACTS/tracker.py
