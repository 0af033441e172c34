"""Accepts connections or datagrams on the given ports, discards data, and answers the first data with a short line: sink.py [udp] PORT…"""
import asyncio
import sys


class Datagrams(asyncio.DatagramProtocol):
    pass


async def serve(reader, writer):
    try:
        first = await reader.read(4096)
        if first:
            writer.write(b"ok\r\n")
        while await reader.read(65536):
            pass
    except OSError:
        pass
    writer.close()


async def main():
    words = sys.argv[1:]
    if words[0] == "udp":
        for port in words[1:]:
            await asyncio.get_running_loop().create_datagram_endpoint(Datagrams, ("0.0.0.0", int(port)))
    else:
        for port in words:
            await asyncio.start_server(serve, "0.0.0.0", int(port), backlog=400)
    await asyncio.Event().wait()


asyncio.run(main())
