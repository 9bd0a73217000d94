"""What stands between the network and the world: the published app, and the server for programs."""
