"""A BitTorrent tracker on port 6969 that knows every peer of one file."""
import http.server
import socket
import struct
import urllib.parse

peers = set()


class Tracker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        peers.add((self.client_address[0], int(asked.get("port", ["51413"])[0])))
        packed = b"".join(socket.inet_aton(ip) + struct.pack(">H", port) for ip, port in peers)
        body = b"d8:intervali20e5:peers" + str(len(packed)).encode() + b":" + packed + b"e"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("0.0.0.0", 6969), Tracker).serve_forever()
