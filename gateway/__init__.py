"""The gateway: sessions over WebSocket, their text and their pacing (core), and the loop that serves them (shell)."""
