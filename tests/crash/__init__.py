"""supportbot killed at any moment, and looked at from outside afterwards."""
