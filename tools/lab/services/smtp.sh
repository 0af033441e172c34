# SMTP server that accepts and discards all mail.
exec $PY $ACTS/mailserver.py
