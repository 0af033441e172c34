# Web sites of the internet.
. $LAB/services/web.sh
