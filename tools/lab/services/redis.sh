# Redis.
exec redis-server --bind 0.0.0.0 --requirepass $PASSWORD --save '' --dir $D
