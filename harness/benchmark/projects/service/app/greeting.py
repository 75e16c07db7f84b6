"""What `GET /` says."""

GREETING = "hello!"
