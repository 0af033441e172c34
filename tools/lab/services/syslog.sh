# Receives log lines.
exec $PY $ACTS/sink.py udp 514
