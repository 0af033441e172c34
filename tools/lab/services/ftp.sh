# FTP server with local accounts.
mkdir -p $D/empty
cat >$D/conf <<C
listen=YES
background=NO
local_enable=YES
write_enable=YES
seccomp_sandbox=NO
secure_chroot_dir=$D/empty
pam_service_name=vsftpd
check_shell=NO
C
head -c 900000 /dev/urandom >$W/home/alice/report.pdf
exec vsftpd $D/conf
