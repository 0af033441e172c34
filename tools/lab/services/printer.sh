# Printer that accepts jobs on port 9100.
exec $PY $ACTS/sink.py 9100
