# Web server of the attacker.
. $LAB/services/web.sh
