# PostgreSQL with one account and a table.
bin=$(ls -d /usr/lib/postgresql/*/bin /usr/local/bin 2>/dev/null | while read d; do [ -x $d/initdb ] && echo $d; done | head -n 1)
chmod 755 $W $W/run; chown postgres $D
cd $D
echo $PASSWORD >$D/pw; chown postgres $D/pw
setpriv --reuid=postgres --regid=postgres --clear-groups $bin/initdb -D $D/data -U alice --pwfile=$D/pw -A scram-sha-256 --no-sync >/dev/null
exec setpriv --reuid=postgres --regid=postgres --clear-groups $bin/postgres -D $D/data -k $D -c listen_addresses='*' -c fsync=off -c hba_file=$(printf 'host all all all scram-sha-256\n' >$D/hba; echo $D/hba)
