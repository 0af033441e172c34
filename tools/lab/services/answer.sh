# DNS server of the attacker that answers every query.
exec $PY $ACTS/answer.py
