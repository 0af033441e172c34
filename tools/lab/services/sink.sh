# Accepts connections and data on the ports of an attacker's server and of servers without a real implementation.
exec $PY $ACTS/sink.py 23 4444 8443 9999
