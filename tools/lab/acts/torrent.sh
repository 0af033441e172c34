# Two peers on the internet offer a file, a client in the office fetches it. The tracker runs at 198.18.10.1.
mkdir -p seed1 seed2 get c1 c2 c3
head -c 3000000 /dev/urandom >seed1/film.bin
cp seed1/film.bin seed2/
transmission-create -o film.torrent -t http://198.18.10.1:6969/announce seed1/film.bin
peer() { # NAMESPACE CONFIG DOWNLOADS
  ip netns exec "$1" transmission-daemon -f -g "$2" -w "$PWD/$3" -T -M -O -Y -P 51413 &
  sleep 2
  ip netns exec "$1" ip link set lo up
  ip netns exec "$1" transmission-remote -a film.torrent
}
peer peer1 c1 seed1
peer peer2 c2 seed2
transmission-daemon -f -g c3 -w "$PWD/get" -T -M -O -Y &
sleep 2
transmission-remote -d 300
transmission-remote -a film.torrent
sleep 35
