# Modbus controller.
exec $PY $ACTS/modbus.py serve
