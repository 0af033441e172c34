"""Decides which packets of a capture are part of an attack.

The recorder knows the port of the bridge at which a frame came in, and so the namespace that sent it, whatever source
addresses the frame claims. Frames that the router forwards are judged by their IP source address.
"""
import ipaddress

ROUTER = "gw"


def source(frame):
    """Source address of the IP or ARP packet in an Ethernet frame as text, or an empty text."""
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, at = frame[at:at + 2], at + 2
    if kind == b"\x08\x00" and len(frame) >= at + 20:
        return ".".join(map(str, frame[at + 12:at + 16]))
    if kind == b"\x86\xdd" and len(frame) >= at + 40:
        return str(ipaddress.ip_address(frame[at + 8:at + 24]))
    if kind == b"\x08\x06" and len(frame) >= at + 28:
        return ".".join(map(str, frame[at + 14:at + 18]))
    return ""


def label(sender, frame, attackers, addresses, honest):
    """1 if one of the namespaces `attackers` sent the frame, directly or through the router, else 0.

    The router forwards for all hosts: its frames count if their source is an attacker's address, or one that no
    namespace has (`honest`), which only an attacker would write.
    """
    if sender in attackers:
        return 1
    if sender != ROUTER or not attackers:
        return 0
    ip = source(frame)
    return int(ip in addresses or bool(ip) and ip not in honest and not ip.startswith("fe80:"))


def row(index, sender, frame, attackers, addresses, honest):
    """One line of a file of labels, as `netlyra eval packets --labels` reads it."""
    return f"{index},{label(sender, frame, attackers, addresses, honest)},{sender}\n"
