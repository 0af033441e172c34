# OpenSSH server. The accounts share a password and accept the key of the lab.
ssh-keygen -q -t ed25519 -N '' -f $D/host
mkdir -p $W/home/.ssh /run/sshd
if mkdir $W/keyed 2>/dev/null; then ssh-keygen -q -t ed25519 -N '' -f $W/home/.ssh/id_ed25519; fi
while [ ! -s $W/home/.ssh/id_ed25519.pub ]; do sleep 0.05; done
cp $W/home/.ssh/id_ed25519.pub $D/keys
chmod 755 $W $W/run $D && chmod 644 $D/keys
exec /usr/sbin/sshd -D -e -f /dev/null -h $D/host -o AuthorizedKeysFile=$D/keys -o StrictModes=no -o UsePAM=no -o PasswordAuthentication=yes -o MaxStartups=100 -o MaxAuthTries=6 \
  -o PidFile=none -o Subsystem='sftp internal-sftp'
