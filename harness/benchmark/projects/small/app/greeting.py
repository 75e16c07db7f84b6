"""What is said."""

GREETING = "hello!"
