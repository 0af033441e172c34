"""The lab: real clients, servers and attack tools in network namespaces, recorded with labels."""
