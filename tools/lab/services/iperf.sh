# Throughput test.
exec iperf3 -s
