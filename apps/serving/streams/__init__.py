"""SIP over connections: TCP, TLS and WebSocket listeners, and the connections that are made and reused."""
