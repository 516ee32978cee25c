"""The sample world: embedded mail servers, orders, the mails people write, and buyers who answer."""
