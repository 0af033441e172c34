# MariaDB with one account.
mkdir -p $D/data; chmod 755 $W $W/run; chown mysql $D/data $D
mariadb-install-db --user=mysql --datadir=$D/data --auth-root-authentication-method=normal --skip-test-db >/dev/null 2>&1
printf "create user alice@'%%' identified by '$PASSWORD'; create database shop; grant all on shop.* to alice@'%%';\n" >$D/init.sql; chmod 644 $D/init.sql
exec mariadbd --no-defaults --user=mysql --datadir=$D/data --socket=$D/sock --pid-file=$D/pid --bind-address=0.0.0.0 --skip-name-resolve --init-file=$D/init.sql
