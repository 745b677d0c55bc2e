"""What happens inside containers, made up: exec, attach and port-forward on the server's side of a websocket."""
