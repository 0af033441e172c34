# Samba file server with one share.
mkdir -p $D/share $D/private $D/state $D/cache $D/lock $D/logs /run/samba
chmod 777 $D/share
for n in $(seq 12); do head -c $((n * 20000)) /dev/urandom >$D/share/document$n.odt; done
chmod -R a+rX $W $D/share
cat >$D/smb.conf <<C
[global]
workgroup = OFFICE
netbios name = $HOST
private dir = $D/private
state directory = $D/state
cache directory = $D/cache
lock directory = $D/lock
pid directory = $D/lock
ncalrpc dir = $D/lock/n
log file = $D/logs/log
passdb backend = tdbsam:$D/private/passdb.tdb
disable spoolss = yes
load printers = no
[share]
path = $D/share
writable = yes
C
for u in alice bob carol; do printf '%s\n%s\n' $PASSWORD $PASSWORD | smbpasswd -c $D/smb.conf -s -a $u; done
nmbd -F --no-process-group -s $D/smb.conf &
exec smbd -F --no-process-group -s $D/smb.conf
