# Telephone that answers calls and returns the sound.
exec sipp -sn uas -i 192.168.60.32 -p 5060 -rtp_echo -nostdin
