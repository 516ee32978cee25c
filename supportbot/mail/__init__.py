"""Internet mail, pure: no network, disk, database, model or clock."""
