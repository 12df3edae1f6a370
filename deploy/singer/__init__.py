"""Singers without a phone: a file sung in real time over WebRTC or over gRPC."""
