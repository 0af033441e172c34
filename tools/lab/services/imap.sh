# Dovecot: IMAP and POP3.
mkdir -p /run/dovecot $D/lib
for n in $(seq 30); do
  { printf 'From: bob@office.example\nTo: alice@office.example\nSubject: report %s\n\n' $n; head -c $((n * 900)) /dev/urandom | base64; } >/dev/null
done
mkdir -p $W/home/alice/Maildir/cur $W/home/alice/Maildir/new $W/home/alice/Maildir/tmp
for n in $(seq 30); do
  { printf 'From: bob@office.example\nTo: alice@office.example\nSubject: report %s\n\n' $n; head -c $((n * 900)) /dev/urandom | base64; } >$W/home/alice/Maildir/cur/17000000$n.M$n.mail:2,
done
chown -R alice:alice $W/home/alice
chmod 755 $W $W/home
cat >$D/conf <<C
base_dir = /run/dovecot
state_dir = $D/lib
log_path = /dev/stderr
protocols = imap pop3
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
passdb {
  driver = shadow
}
userdb {
  driver = passwd
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
auth_failure_delay = 1 secs
C
sed -i '/driver = shadow/s/.*/  driver = passwd-file\n  args = '"$(echo $D | sed 's,/,\\/,g')"'\/users/' $D/conf
for u in alice bob carol; do echo "$u:{PLAIN}$PASSWORD::::::"; done >$D/users
chmod 644 $D/users; chmod 755 $D
exec dovecot -F -c $D/conf
