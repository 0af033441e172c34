# MQTT broker.
printf 'listener 1883\nallow_anonymous true\npersistence false\nuser root\n' >$D/conf
exec mosquitto -c $D/conf
