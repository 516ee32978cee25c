"""supportbot works a marketplace seller-support mailbox: it reads, decides by policy, drafts, proves consent, opens tickets."""

__version__ = "0.1.0"
